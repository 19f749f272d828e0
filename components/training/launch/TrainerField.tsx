'use client'

import { useEffect } from 'react'
import { Controller, useFormContext, useWatch } from 'react-hook-form'
import { Field } from '#components/ui/field.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import { type Trainer, trainerLabels, trainerSchema } from '#lib/training/training-config.types.ts'
import { useTrainingProviders } from './launch-queries.ts'
import type { LaunchInput } from './launch-values.ts'
import { presetHyperparameters, presetOf } from './presets.ts'

type TrainerState = ProviderState['trainers'][number]

/** What runs the training there. One that is not installed is shown with the reason. */
export function TrainerField() {
  const { setValue, getValues } = useFormContext<LaunchInput>()
  const provider = useWatch<LaunchInput, 'provider'>({ name: 'provider' })
  const chosen = useWatch<LaunchInput, 'trainer'>({ name: 'trainer' })
  const providers = useTrainingProviders()
  const trainers = providers.data?.providers.find((state) => state.provider === provider)?.trainers
  const best = trainers && bestTrainer(trainers, chosen)

  const choose = (trainer: Trainer) => {
    const { trainer: before, method, hyperparameters } = getValues()
    const preset = presetOf(hyperparameters, method, before)
    setValue('trainer', trainer, { shouldDirty: true })
    if (preset)
      setValue('hyperparameters', { ...hyperparameters, ...presetHyperparameters(preset, method, trainer) })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what can run there decides
  useEffect(() => {
    if (best && best !== chosen) choose(best)
  }, [best])

  const reason = trainers?.find(({ trainer }) => trainer === chosen)?.reason
  return (
    <Controller<LaunchInput, 'trainer'>
      name="trainer"
      render={({ field, fieldState }) => (
        <Field
          label="Trainer"
          error={fieldState.error?.message}
          hint={chosen === 'smoke' ? smokeHint : (reason ?? undefined)}
        >
          {(control) => (
            <NativeSelect
              {...control}
              ref={field.ref}
              onBlur={field.onBlur}
              value={field.value}
              onChange={({ target }) => choose(trainerSchema.parse(target.value))}
            >
              {(trainers ?? [{ trainer: chosen, available: true, reason: null }]).map((state) => (
                <option key={state.trainer} value={state.trainer} disabled={!state.available}>
                  {[trainerLabels[state.trainer], state.reason].filter(Boolean).join(': ')}
                </option>
              ))}
            </NativeSelect>
          )}
        </Field>
      )}
    />
  )
}

const smokeHint =
  'Shows the whole loop in under a minute. It really learns from the data, but makes no useful model.'

/** What is chosen if it can run, else a real trainer that can, else the smoke test. */
function bestTrainer(trainers: readonly TrainerState[], chosen: Trainer): Trainer | undefined {
  const able = trainers.filter(({ available }) => available).map(({ trainer }) => trainer)
  if (able.includes(chosen)) return chosen
  return able.find((trainer) => trainer !== 'smoke' && trainer !== 'command') ?? able[0]
}
