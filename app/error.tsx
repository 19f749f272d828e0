'use client'

import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'

export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  return (
    <main className="grid min-h-dvh place-items-center">
      <EmptyState
        title="This page could not be shown."
        actions={
          <Button variant="primary" onClick={reset}>
            Try again
          </Button>
        }
      >
        Nothing was lost.{' '}
        {error.digest ? <span className="font-mono text-xs">Request {error.digest}</span> : null}
      </EmptyState>
    </main>
  )
}
