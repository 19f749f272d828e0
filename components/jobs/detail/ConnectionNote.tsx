'use client'

import { Alert } from '#components/ui/alert.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import type { LiveFeed } from '../feed/use-job-feed.ts'

/** Says when what is shown is not live; nothing otherwise. */
export function ConnectionNote({ live }: { live: LiveFeed }) {
  if (live.connection === 'failed')
    return (
      <ErrorState
        title="Curves and log could not be loaded"
        error={live.error}
        retry={() => live.restart()}
      />
    )
  if (live.connection !== 'reconnecting') return null
  return (
    <Alert tone="warning" role="status" title="The live connection was lost. Reconnecting.">
      The training goes on. What was missed appears when the connection is back.
    </Alert>
  )
}
