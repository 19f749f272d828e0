import type { BadgeTone } from '#components/ui/badge.tsx'
import type { JobStatus } from '#lib/training/job.types.ts'

interface StatusWords {
  label: string
  tone: BadgeTone
  /** What it means, in a sentence. */
  meaning: string
}

export const statusWords = {
  queued: { label: 'Queued', tone: 'neutral', meaning: 'Waits for its turn.' },
  launching: { label: 'Launching', tone: 'accent', meaning: 'A machine is being asked for.' },
  starting: { label: 'Starting', tone: 'accent', meaning: 'The machine fetches the data and checks it.' },
  running: { label: 'Running', tone: 'accent', meaning: 'It trains.' },
  succeeded: { label: 'Succeeded', tone: 'success', meaning: 'It trained to the end.' },
  failed: { label: 'Failed', tone: 'danger', meaning: 'It ended with an error.' },
  cancelled: { label: 'Cancelled', tone: 'neutral', meaning: 'It was stopped on request.' },
  timed_out: { label: 'Timed out', tone: 'warning', meaning: 'It was stopped at its longest runtime.' },
  lost: { label: 'Lost', tone: 'danger', meaning: 'Nothing was heard from it any more.' },
} as const satisfies Record<JobStatus, StatusWords>

const endings: ReadonlySet<JobStatus> = new Set(['succeeded', 'failed', 'cancelled', 'timed_out', 'lost'])

export function hasEnded(status: JobStatus): boolean {
  return endings.has(status)
}

/** The way that every job takes, before its end. */
export const pathStatuses = ['queued', 'launching', 'starting', 'running'] as const
