'use client'

import { useWatch } from 'react-hook-form'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { EstimateView } from './EstimateView.tsx'
import type { LaunchInput } from './launch-values.ts'
import { Step } from './Step.tsx'
import { useEstimate } from './use-estimate.ts'

export function CostStep() {
  const provider = useWatch<LaunchInput, 'provider'>({ name: 'provider' })
  return (
    <Step number={4} title="Cost" question="What it will cost, before it does.">
      {provider === 'local' ? <NoCost /> : <Estimated />}
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

function Estimated() {
  const { data, error, refetch, isPending, fetchStatus } = useEstimate()
  if (data) return <EstimateView estimate={data} />
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
