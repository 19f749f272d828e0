import {
  Ban,
  Check,
  CircleHelp,
  Clock,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Rocket,
  X,
} from 'lucide-react'
import { Badge } from '#components/ui/badge.tsx'
import type { Job, JobStatus } from '#lib/training/job.types.ts'
import { hasEnded, statusWords } from './job-status.ts'

const icons = {
  queued: Hourglass,
  launching: Rocket,
  starting: LoaderCircle,
  running: LoaderCircle,
  succeeded: Check,
  failed: X,
  cancelled: Ban,
  timed_out: Clock,
  lost: CircleHelp,
} as const satisfies Record<JobStatus, LucideIcon>

/** A status in a word, a colour and a shape; what it means on hover. */
export function StatusBadge({ job }: { job: Pick<Job, 'status' | 'cancel_requested_at'> }) {
  const { label, tone, meaning } = statusWords[job.status]
  const Icon = icons[job.status]
  const cancelling = job.cancel_requested_at !== null && !hasEnded(job.status)
  return (
    <Badge tone={cancelling ? 'warning' : tone} title={meaning}>
      <Icon aria-hidden className={Icon === LoaderCircle ? 'animate-[spin_2s_linear_infinite]' : undefined} />
      {cancelling ? 'Cancelling' : label}
    </Badge>
  )
}
