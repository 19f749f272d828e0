import type { Metadata } from 'next'
import { CompareScreen } from '#components/jobs/compare/CompareScreen.tsx'

export const metadata: Metadata = { title: 'Compare jobs' }

const jobsMax = 5

export default async function ComparePage({
  searchParams,
}: {
  searchParams: Promise<{ ids?: string | string[] }>
}) {
  const { ids } = await searchParams
  const list = [...new Set(String(ids ?? '').split(','))].filter(Boolean).slice(0, jobsMax)
  return <CompareScreen key={list.join()} ids={list} />
}
