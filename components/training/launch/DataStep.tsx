'use client'

import Link from 'next/link'
import { useEffect, useId, useState } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Label } from '#components/ui/label.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import { Switch } from '#components/ui/switch.tsx'
import { DatasetChoice } from './DatasetChoice.tsx'
import { useAvailableDatasets } from './launch-queries.ts'
import type { LaunchInput } from './launch-values.ts'
import { Step } from './Step.tsx'
import { UnfitDatasets } from './UnfitDatasets.tsx'

export function DataStep() {
  const { setValue, getValues, formState } = useFormContext<LaunchInput>()
  const [provider, method, consent] = useWatch<LaunchInput, ['provider', 'method', 'allow_cross_storage']>({
    name: ['provider', 'method', 'allow_cross_storage'],
  })
  const available = useAvailableDatasets({
    training_provider: provider,
    method,
    allow_cross_storage: consent,
  })
  const [dropped, setDropped] = useState<string[]>([])
  const id = useId()
  const datasets = available.isPlaceholderData ? undefined : available.data?.datasets

  useEffect(() => {
    if (!datasets) return
    const chosen = getValues('datasets') ?? []
    const fits = chosen.filter(({ dataset_id }) => datasets.some((d) => d.id === dataset_id && d.selectable))
    if (fits.length === chosen.length) return
    const gone = chosen.filter((choice) => !fits.includes(choice))
    setDropped(
      gone.map(({ dataset_id }) => datasets.find((d) => d.id === dataset_id)?.name ?? 'A deleted dataset'),
    )
    setValue('datasets', fits, { shouldDirty: true })
  }, [datasets, getValues, setValue])

  return (
    <Step
      number={3}
      title="On which data"
      question="Only what this provider can read and this method can learn from."
    >
      {dropped.length > 0 && (
        <Alert tone="warning" role="status" title="Some of the chosen data does not fit any more">
          <bdi>{dropped.join(', ')}</bdi>
        </Alert>
      )}
      {available.isError && !available.data ? (
        <ErrorState
          title="The datasets could not be loaded"
          error={available.error}
          retry={() => available.refetch()}
        />
      ) : !available.data ? (
        <Loading label="Loading the datasets" className="grid gap-2">
          <Skeleton className="h-14" />
          <Skeleton className="h-14" />
          <Skeleton className="h-14" />
        </Loading>
      ) : (
        <div className="grid gap-5" aria-busy={available.isPlaceholderData}>
          <DatasetChoice
            datasets={available.data.datasets.filter(({ selectable }) => selectable)}
            explanation={available.data.explanation}
            error={formState.errors.datasets?.message ?? formState.errors.datasets?.root?.message}
          />
          <div className="flex items-center gap-3">
            <Switch
              id={id}
              checked={consent}
              onCheckedChange={(on) => setValue('allow_cross_storage', on, { shouldDirty: true })}
            />
            <Label htmlFor={id} className="font-normal">
              Include datasets on other storage (egress fees may apply)
            </Label>
          </div>
          <UnfitDatasets datasets={available.data.datasets.filter(({ selectable }) => !selectable)} />
        </div>
      )}
      <Button variant="link" className="w-fit" asChild>
        <Link href="/datasets">Upload another dataset</Link>
      </Button>
    </Step>
  )
}
