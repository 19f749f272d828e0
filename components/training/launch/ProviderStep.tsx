'use client'

import Link from 'next/link'
import { useId } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import { Badge } from '#components/ui/badge.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { RadioCard, RadioGroup } from '#components/ui/radio-group.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import {
  trainingProviderLabels,
  trainingProviderSchema,
  trainingProviders,
} from '#lib/training/training-config.types.ts'
import { useTrainingProviders } from './launch-queries.ts'
import type { LaunchInput } from './launch-values.ts'
import { Step } from './Step.tsx'

const stateWords = {
  ready: { tone: 'success', word: 'Ready' },
  needs_key: { tone: 'warning', word: 'Key missing' },
  unavailable: { tone: 'neutral', word: 'Unavailable' },
} as const satisfies Record<ProviderState['state'], { tone: string; word: string }>

export function ProviderStep() {
  const { setValue } = useFormContext<LaunchInput>()
  const chosen = useWatch<LaunchInput, 'provider'>({ name: 'provider' })
  const providers = useTrainingProviders()
  const label = useId()
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
          onValueChange={(value) =>
            setValue('provider', trainingProviderSchema.parse(value), { shouldDirty: true })
          }
          className="sm:grid-cols-2 xl:grid-cols-3"
        >
          {readyFirst(providers.data.providers).map((state) => (
            <ProviderCard key={state.provider} state={state} />
          ))}
        </RadioGroup>
      )}
    </Step>
  )
}

function ProviderCard({ state: { provider, state, reason, fix_url } }: { state: ProviderState }) {
  const { tone, word } = stateWords[state]
  return (
    <RadioCard
      value={provider}
      label={trainingProviderLabels[provider]}
      disabled={state !== 'ready'}
      aside={<Badge tone={tone}>{word}</Badge>}
      footer={
        fix_url && state !== 'ready' ? (
          <Link href={fix_url} prefetch={false} className="text-primary-text underline underline-offset-2">
            {state === 'needs_key' ? `Add the ${trainingProviderLabels[provider]} key` : 'See what it needs'}
          </Link>
        ) : null
      }
    >
      {reason ??
        (provider === 'local' ? 'Free, and nothing leaves it.' : 'Rents a GPU for as long as it trains.')}
    </RadioCard>
  )
}

function readyFirst(providers: readonly ProviderState[]): ProviderState[] {
  const rank = { ready: 0, needs_key: 1, unavailable: 2 } as const
  return providers.toSorted((a, b) => rank[a.state] - rank[b.state])
}
