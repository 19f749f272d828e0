import { DatasetScreen } from '#components/datasets/detail/DatasetScreen.tsx'

export default async function DatasetPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return <DatasetScreen id={id} />
}
