import type { Metadata } from 'next'
import { CompareScreen } from '#components/jobs/compare/CompareScreen.tsx'
import { comparedIds } from '#components/jobs/compare/compared-ids.ts'

export const metadata: Metadata = { title: 'Compare jobs' }

export default async function ComparePage({
  searchParams,
}: {
  searchParams: Promise<{ ids?: string | string[] }>
}) {
  const { ids } = await searchParams
  const list = comparedIds(String(ids ?? ''))
  return <CompareScreen key={list.join()} ids={list} />
}
