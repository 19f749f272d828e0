import type { Metadata } from 'next'
import { LaunchScreen } from '#components/training/launch/LaunchScreen.tsx'
import type { LaunchOrigin } from '#components/training/launch/launch-queries.ts'

export const metadata: Metadata = { title: 'Training' }

type Search = Record<string, string | string[] | undefined>

export default async function TrainingPage({ searchParams }: { searchParams: Promise<Search> }) {
  const origin = originOf(await searchParams)
  return <LaunchScreen key={JSON.stringify(origin)} origin={origin} />
}

function originOf({ config, from_job: job, dataset }: Search): LaunchOrigin {
  if (typeof config === 'string') return { kind: 'config', id: config }
  if (typeof job === 'string') return { kind: 'job', id: job }
  if (typeof dataset === 'string') return { kind: 'dataset', id: dataset }
  return { kind: 'blank' }
}
