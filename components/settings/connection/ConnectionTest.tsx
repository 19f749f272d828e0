'use client'

import { useEffect, useRef } from 'react'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import type { SecretTest } from '#lib/secrets/secret.types.ts'
import { TestReport } from './TestReport.tsx'

/** The part of a mutation that is shown. */
export interface TestRun {
  status: 'idle' | 'pending' | 'success' | 'error'
  data: SecretTest | undefined
  error: unknown
}

/** What comes of pressing "Test connection"; nothing before. Takes the focus when it begins, for it appears far from the button. */
export function ConnectionTest({ run, what, retry }: { run: TestRun; what: string; retry: () => void }) {
  const region = useRef<HTMLElement>(null)
  const begun = run.status === 'pending'
  useEffect(() => {
    if (begun) region.current?.focus({ preventScroll: true })
  }, [begun])
  if (run.status === 'idle') return null
  return (
    <section
      ref={region}
      tabIndex={-1}
      aria-label={`Connection test of ${what}`}
      aria-busy={begun}
      className="border-t pt-4 outline-none"
    >
      {run.status === 'pending' ? (
        <Loading label="Testing the connection" className="grid gap-3">
          <p aria-hidden className="text-muted-foreground">
            Trying each step. This takes a few seconds.
          </p>
          <Skeleton className="h-40" />
        </Loading>
      ) : run.status === 'error' ? (
        <ErrorState title="The test could not be run" error={run.error} retry={retry} />
      ) : run.data ? (
        <div role="status">
          <TestReport report={run.data} />
        </div>
      ) : null}
    </section>
  )
}
