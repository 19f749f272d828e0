'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Section } from '#components/ui/card.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import { formatCount } from '#lib/display/number-format.ts'
import type { Job, LeaseAction } from '#lib/training/job.types.ts'
import { useJobLeases } from '../job-queries.ts'

const shownAtFirst = 5

const actionWords = {
  token_issued: 'Token given to the machine',
  issued: 'Link given',
  renewed: 'Link renewed',
  refused: 'Link refused',
  revoked: 'Taken back',
} as const satisfies Record<LeaseAction, string>

/** Who was given what of the data, and until when: every token and link, newest first. */
export function JobLeases({ job }: { job: Pick<Job, 'id' | 'status'> }) {
  const leases = useJobLeases(job)
  const [all, setAll] = useState(false)
  const known = leases.data ?? []
  return (
    <Section title="Leases">
      {leases.isError ? (
        <ErrorState
          title="The leases could not be loaded"
          error={leases.error}
          retry={() => leases.refetch()}
        />
      ) : leases.isPending ? (
        <Loading label="Loading the leases">
          <Skeleton className="h-16" />
        </Loading>
      ) : known.length === 0 ? (
        <p className="text-muted-foreground">Nothing was given out yet.</p>
      ) : (
        <ol className="grid gap-3">
          {known
            .slice(0, all ? undefined : shownAtFirst)
            .map(({ id, action, datasets, expires_at, reason, at }) => (
              <li key={id} className="grid gap-0.5">
                <span className="flex flex-wrap justify-between gap-x-3">
                  <span className={action === 'refused' ? 'text-danger' : undefined}>
                    {actionWords[action]}
                  </span>
                  <span className="text-muted-foreground text-xs">
                    <RelativeTime value={at} />
                  </span>
                </span>
                <span className="break-words text-muted-foreground text-xs">
                  {datasets.length > 0 && <bdi>{datasets.map(({ name }) => name).join(', ')}</bdi>}
                  {expires_at && (
                    <>
                      {datasets.length > 0 && ', '}runs out <RelativeTime value={expires_at} />
                    </>
                  )}
                  {reason && (
                    <>
                      {(datasets.length > 0 || expires_at) && '. '}
                      {reason}
                    </>
                  )}
                </span>
              </li>
            ))}
        </ol>
      )}
      {!all && known.length > shownAtFirst && (
        <Button variant="ghost" size="sm" className="mt-3" onClick={() => setAll(true)}>
          Show all {formatCount(known.length)}
        </Button>
      )}
    </Section>
  )
}
