'use client'

import { useId } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import { Label } from '#components/ui/label.tsx'
import { Switch } from '#components/ui/switch.tsx'
import { defaultHyperparameters } from '#lib/training/training-config.types.ts'
import { ChoiceInput } from './ChoiceInput.tsx'
import { Folded } from './Folded.tsx'
import { choiceFields, loraFields, numberFields, switchFields } from './hyperparameter-catalog.ts'
import type { LaunchInput } from './launch-values.ts'
import { NumberInput } from './NumberInput.tsx'
import { SwitchInput } from './SwitchInput.tsx'

/** Every setting with what it does and how far it may go. Folded: most people never open it. */
export function HyperparameterFields() {
  const { setValue, formState } = useFormContext<LaunchInput>()
  const lora = useWatch<LaunchInput, 'hyperparameters.lora'>({ name: 'hyperparameters.lora' })
  const loraId = useId()
  return (
    <Folded
      title="Hyperparameters"
      about="rates, sizes, memory, evaluation, LoRA"
      open={formState.errors.hyperparameters !== undefined}
    >
      <div className="grid gap-6">
        <div className="grid gap-5 sm:grid-cols-2">
          {numberFields.map((field) => (
            <NumberInput key={field.path} field={field} />
          ))}
        </div>
        <div className="grid gap-5 border-t pt-5 sm:grid-cols-2">
          {choiceFields.map((field) => (
            <ChoiceInput key={field.path} field={field} />
          ))}
        </div>
        <div className="grid gap-5 border-t pt-5 sm:grid-cols-2">
          {switchFields.map((field) => (
            <SwitchInput key={field.path} field={field} />
          ))}
        </div>
        <fieldset className="grid gap-5 border-t pt-5">
          <legend className="sr-only">LoRA</legend>
          <div className="flex items-start gap-3">
            <Switch
              id={loraId}
              checked={lora !== null}
              aria-describedby={`${loraId}-about`}
              onCheckedChange={(on) =>
                setValue('hyperparameters.lora', on ? defaultHyperparameters.lora : null, {
                  shouldDirty: true,
                })
              }
            />
            <div className="grid gap-0.5">
              <Label htmlFor={loraId}>LoRA</Label>
              <p id={`${loraId}-about`} className="text-muted-foreground text-xs">
                Trains a small adapter beside the model: far less memory, nearly the same result. Off: all
                weights are trained.
              </p>
            </div>
          </div>
          {lora && (
            <div className="grid gap-5 sm:grid-cols-3">
              {loraFields.map((field) => (
                <NumberInput key={field.path} field={field} />
              ))}
            </div>
          )}
        </fieldset>
      </div>
    </Folded>
  )
}
