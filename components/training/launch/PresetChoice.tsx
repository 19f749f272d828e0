'use client'

import { useId } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import { RadioCard, RadioGroup } from '#components/ui/radio-group.tsx'
import type { LaunchInput } from './launch-values.ts'
import { type Preset, presetHyperparameters, presetOf, presets, presetWords } from './presets.ts'

/** Sets all hyperparameters at once. None is marked once one of them was changed by hand. */
export function PresetChoice() {
  const { setValue, getValues } = useFormContext<LaunchInput>()
  const [method, trainer, hyperparameters] = useWatch<LaunchInput, ['method', 'trainer', 'hyperparameters']>({
    name: ['method', 'trainer', 'hyperparameters'],
  })
  const label = useId()
  const chosen = presetOf(hyperparameters, method, trainer)
  const choose = (preset: Preset) =>
    setValue(
      'hyperparameters',
      { ...getValues('hyperparameters'), ...presetHyperparameters(preset, method, trainer) },
      { shouldDirty: true, shouldValidate: true },
    )
  return (
    <div className="grid gap-1.5">
      <span id={label} className="font-medium">
        Preset
        {chosen === null && <span className="ml-2 font-normal text-muted-foreground">changed by hand</span>}
      </span>
      <RadioGroup
        aria-labelledby={label}
        value={chosen ?? ''}
        onValueChange={(value) => choose(value as Preset)}
        className="sm:grid-cols-3"
      >
        {presets.map((preset) => (
          <RadioCard key={preset} value={preset} label={presetWords[preset].label}>
            {presetWords[preset].about}
          </RadioCard>
        ))}
      </RadioGroup>
    </div>
  )
}
