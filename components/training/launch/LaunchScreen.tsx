'use client'

import { useRouter } from 'next/navigation'
import { PageHeading } from '#components/frame/PageHeading.tsx'
import { TrainingConfigForm } from '#components/training/dag/config-forms/TrainingConfigForm.tsx'
import { Alert } from '#components/ui/alert.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { LaunchSkeleton } from './LaunchSkeleton.tsx'
import { type LaunchOrigin, useLaunchStart } from './launch-queries.ts'
import { SavedConfigs } from './SavedConfigs.tsx'

const failures = {
  blank: 'The form could not be loaded',
  dataset: 'The dataset could not be loaded',
  config: 'The configuration could not be loaded',
  job: 'The job could not be loaded',
} as const satisfies Record<LaunchOrigin['kind'], string>

/** The training page, begun with nothing, a saved configuration, or a job that is run again. */
export function LaunchScreen({ origin }: { origin: LaunchOrigin }) {
  const router = useRouter()
  const start = useLaunchStart(origin)
  return (
    <div className="mx-auto max-w-7xl">
      <PageHeading
        title={origin.kind === 'job' ? 'Run again with changes' : 'Training'}
        description="Four choices, one launch."
        actions={
          <SavedConfigs
            current={origin.kind === 'config' ? origin.id : null}
            onChoose={(id) => router.replace(`/training?config=${id}`)}
          />
        }
      />
      {start.isError ? (
        <ErrorState title={failures[origin.kind]} error={start.error} retry={() => start.refetch()} />
      ) : start.data ? (
        <>
          {origin.kind === 'job' && (
            <Alert className="mb-4" title="Some things have to be given anew">
              <p>
                Environment variables are not shown again once they are sealed, and a Hugging Face repository
                is one of them: say where the result goes.
              </p>
            </Alert>
          )}
          <TrainingConfigForm start={start.data} />
        </>
      ) : (
        <LaunchSkeleton />
      )}
    </div>
  )
}
