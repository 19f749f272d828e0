'use client'

import { useFormContext } from 'react-hook-form'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import type { FieldPath, NumberField } from './hyperparameter-catalog.ts'
import type { LaunchInput } from './launch-values.ts'

type AnyNumberField = Omit<NumberField, 'path'> & { path: FieldPath | 'max_runtime_minutes' }

/** A number with its explanation; a wrong one is told its bounds. */
export function NumberInput({ field }: { field: AnyNumberField }) {
  const { register, getFieldState, formState } = useFormContext<LaunchInput>()
  const { error } = getFieldState(field.path, formState)
  const numberOf = (text: unknown) => {
    if (text === null || (field.optional && text === '')) return null
    return text === '' ? Number.NaN : Number(text)
  }
  return (
    <Field
      label={field.label}
      hint={field.about}
      error={error && `Use ${field.step === 1 ? 'a whole number' : 'a number'}. ${field.bounds}`}
    >
      {(control) => (
        <Input
          {...control}
          {...register(field.path, { setValueAs: numberOf })}
          type="number"
          inputMode="decimal"
          step={field.step}
          min={field.min}
          max={field.max}
        />
      )}
    </Field>
  )
}
