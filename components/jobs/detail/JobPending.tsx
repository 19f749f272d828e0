import { Alert } from '#components/ui/alert.tsx'
import type { Job } from '#lib/training/job.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { mayStillCost } from '../job-queries.ts'
import { hasEnded } from '../job-status.ts'
import { machineWords } from './machine-words.ts'

/** Something that is under way at the provider, and costs or waits meanwhile; nothing otherwise. */
export function JobPending({ job }: { job: Job }) {
  const label = trainingProviderLabels[job.provider]
  const machine = machineWords[job.provider]
  if (hasEnded(job.status)) {
    if (!mayStillCost(job)) return null
    return (
      <Alert tone="warning" role="status" title={`The ${machine} at ${label} is being ended`}>
        It costs until {label} has verified that it is gone. This page says so when it is.
      </Alert>
    )
  }
  if (job.cancel_requested_at)
    return (
      <Alert tone="warning" role="status" title="Cancelling">
        {capabilitiesOf(job.provider).onThisMachine
          ? 'The process is being stopped.'
          : `The ${machine} is being ended. The job counts as cancelled once ${label} has verified that it is gone.`}
      </Alert>
    )
  if (!job.error) return null
  return (
    <Alert tone="warning" role="status" title={job.error.message}>
      Nothing has to be done: it goes on by itself.{' '}
      <code className="font-mono text-xs">{job.error.code}</code>
    </Alert>
  )
}
