'use client'

import { useFormContext, useWatch } from 'react-hook-form'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { Stale } from '#components/ui/stale.tsx'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { EstimateView } from './EstimateView.tsx'
import { useProviderState } from './launch-queries.ts'
import type { LaunchInput } from './launch-values.ts'
import { LimitFields } from './run/LimitFields.tsx'
import { Step } from './Step.tsx'
import { useEstimate } from './use-estimate.ts'

export function CostStep() {
  const provider = useWatch<LaunchInput, 'provider'>({ name: 'provider' })
  const state = useProviderState(provider)
  return (
    <Step number={4} title="Cost" question="What it will cost, before it does.">
      {capabilitiesOf(provider).onThisMachine ? <NoCost /> : <Estimated provider={provider} />}
      <LimitFields key={provider} bills={state?.bills ?? false} />
    </Step>
  )
}

function NoCost() {
  const trainer = useWatch<LaunchInput, 'trainer'>({ name: 'trainer' })
  return (
    <div className="grid gap-1">
      <p className="text-lg">Nothing</p>
      <p className="text-muted-foreground">
        It runs on this machine, and the data stays here.
        {trainer === 'smoke' && ' The smoke test ends in under a minute.'}
      </p>
    </div>
  )
}

function Estimated({ provider }: { provider: TrainingProvider }) {
  const { setValue, getValues } = useFormContext<LaunchInput>()
  const { query, estimate } = useEstimate()
  const { data, error, refetch, isPending, fetchStatus } = query
  const choose = (machine: string) => {
    const path = `machine.${provider}.machines` as const
    const others = getValues(path)
      .slice(1)
      .filter((other) => other !== machine)
    setValue(path, [machine, ...others], { shouldDirty: true })
  }
  if (data)
    return (
      <Stale stale={!estimate} className="-mt-2 pt-2">
        <EstimateView estimate={data} onMachine={choose} />
      </Stale>
    )
  if (error) return <ErrorState title="There is no estimate" error={error} retry={() => refetch()} />
  if (isPending && fetchStatus === 'idle')
    return <p className="text-muted-foreground">Name a model, and the estimate appears here.</p>
  return (
    <div className="grid gap-2" role="status" aria-label="Estimating">
      <Skeleton className="h-7 w-40" />
      <Skeleton className="h-5 w-64" />
    </div>
  )
}
