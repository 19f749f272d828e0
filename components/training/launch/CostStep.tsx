'use client'

import { useWatch } from 'react-hook-form'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import type { LaunchInput } from './launch-values.ts'
import { Step } from './Step.tsx'

export function CostStep() {
  const provider = useWatch<LaunchInput, 'provider'>({ name: 'provider' })
  const trainer = useWatch<LaunchInput, 'trainer'>({ name: 'trainer' })
  return (
    <Step number={4} title="Cost" question="What it will cost, before it does.">
      {provider === 'local' ? (
        <div className="grid gap-1">
          <p className="text-lg">Nothing</p>
          <p className="text-muted-foreground">
            It runs on this machine, and the data stays here.
            {trainer === 'smoke' && ' The smoke test ends in under a minute.'}
          </p>
        </div>
      ) : (
        <p className="text-muted-foreground">
          There is no estimate for {trainingProviderLabels[provider]} yet. Its price list says what an hour
          costs.
        </p>
      )}
    </Step>
  )
}
