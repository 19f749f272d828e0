import type { Metadata } from 'next'
import { DatasetManager } from '#components/training/DatasetManager.tsx'

export const metadata: Metadata = { title: 'Datasets' }

export default function DatasetsPage() {
  return <DatasetManager />
}
