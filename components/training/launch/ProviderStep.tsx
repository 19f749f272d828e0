'use client'

import { useId } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import { ErrorState } from '#components/ui/error-state.tsx'
import { RadioGroup } from '#components/ui/radio-group.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import { capabilitiesOf } from '#lib/training/launchers/all-facts.types.ts'
import {
  type TrainingProvider,
  trainingProviderSchema,
  trainingProviders,
} from '#lib/training/training-config.types.ts'
import { useTrainingProviders } from './launch-queries.ts'
import type { LaunchInput } from './launch-values.ts'
import { MachineSettings } from './machine/MachineSettings.tsx'
import { ProviderCard } from './ProviderCard.tsx'
import { Step } from './Step.tsx'

export function ProviderStep() {
  const { setValue, resetField } = useFormContext<LaunchInput>()
  const chosen = useWatch<LaunchInput, 'provider'>({ name: 'provider' })
  const providers = useTrainingProviders()
  const label = useId()
  const state = providers.data?.providers.find(({ provider }) => provider === chosen)
  const choose = (provider: TrainingProvider) => {
    setValue('provider', provider, { shouldDirty: true })
    // A way to run that was meant for another place; and an amount, which follows the estimate of this one again.
    setValue('detached', false)
    resetField('budget_limit', { defaultValue: null })
  }
  return (
    <Step number={1} title="Where" question="The machine that trains.">
      <span id={label} className="sr-only">
        Training Provider
      </span>
      {providers.isError ? (
        <ErrorState
          title="The training providers could not be asked for"
          error={providers.error}
          retry={() => providers.refetch()}
        />
      ) : providers.isPending ? (
        <Loading
          label="Asking for the training providers"
          className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3"
        >
          {trainingProviders.map((provider) => (
            <Skeleton key={provider} className="h-24" />
          ))}
        </Loading>
      ) : (
        <RadioGroup
          aria-labelledby={label}
          value={chosen}
          onValueChange={(value) => choose(trainingProviderSchema.parse(value))}
          className="sm:grid-cols-2 xl:grid-cols-3"
        >
          {readyFirst(providers.data.providers).map((state) => (
            <ProviderCard key={state.provider} state={state} />
          ))}
        </RadioGroup>
      )}
      {state && !capabilitiesOf(state.provider).onThisMachine && state.state !== 'unavailable' && (
        <MachineSettings key={state.provider} state={state} />
      )}
    </Step>
  )
}

function readyFirst(providers: readonly ProviderState[]): ProviderState[] {
  const rank = { ready: 0, needs_key: 1, unavailable: 2 } as const
  return providers.toSorted((a, b) => rank[a.state] - rank[b.state])
}
