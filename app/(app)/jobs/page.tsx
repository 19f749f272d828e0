import type { Metadata } from 'next'
import { JobListScreen } from '#components/jobs/list/JobListScreen.tsx'

export const metadata: Metadata = { title: 'Jobs' }

export default function JobsPage() {
  return <JobListScreen />
}
