'use client'

import { ChevronRight } from 'lucide-react'
import { useId } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import { Label } from '#components/ui/label.tsx'
import { Switch } from '#components/ui/switch.tsx'
import { defaultHyperparameters } from '#lib/training/training-config.types.ts'
import { ChoiceInput } from './ChoiceInput.tsx'
import { choiceFields, loraFields, numberFields, switchFields } from './hyperparameter-catalog.ts'
import type { LaunchInput } from './launch-values.ts'
import { NumberInput } from './NumberInput.tsx'
import { SwitchInput } from './SwitchInput.tsx'

/** Every setting with what it does and how far it may go. Folded: most people never open it. */
export function HyperparameterFields() {
  const { setValue, formState } = useFormContext<LaunchInput>()
  const lora = useWatch<LaunchInput, 'hyperparameters.lora'>({ name: 'hyperparameters.lora' })
  const loraId = useId()
  const wrong = formState.errors.hyperparameters || formState.errors.max_runtime_minutes
  return (
    <details className="group rounded-md border" {...(wrong ? { open: true } : {})}>
      <summary className="flex cursor-pointer items-center gap-2 rounded-md px-4 py-3 hover:bg-hover">
        <ChevronRight
          aria-hidden
          className="size-4 text-muted-foreground transition-transform group-open:rotate-90"
        />
        <span className="font-medium">Hyperparameters</span>
        <span className="text-muted-foreground">rates, sizes, memory, evaluation, LoRA, limits</span>
      </summary>
      <div className="grid gap-6 border-t p-4">
        <div className="grid gap-5 sm:grid-cols-2">
          {numberFields.map((field) => (
            <NumberInput key={field.path} field={field} />
          ))}
          <NumberInput
            field={{
              path: 'max_runtime_minutes',
              label: 'Longest runtime',
              about: 'In minutes; the job is stopped then. Empty: no limit.',
              optional: true,
              step: 1,
              min: 1,
              max: 40_320,
              bounds: 'From 1 to 40,320.',
            }}
          />
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
    </details>
  )
}
