'use client'

import type { ReactNode } from 'react'
import { type Path, useFormContext } from 'react-hook-form'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import type { NumberField } from './hyperparameter-catalog.ts'
import type { LaunchInput } from './launch-values.ts'
import { fromServer } from './server-problems.ts'

interface NumberInputProps {
  field: Omit<NumberField, 'path' | 'about'> & { path: Path<LaunchInput>; about: ReactNode }
  className?: string
}

/** A number with its explanation; a wrong one is told its bounds, or what the server said of it. */
export function NumberInput({ field, className }: NumberInputProps) {
  const { register, getFieldState, formState } = useFormContext<LaunchInput>()
  const { error } = getFieldState(field.path, formState)
  const numberOf = (text: unknown) => {
    if (text === null || (field.optional && text === '')) return null
    return text === '' ? Number.NaN : Number(text)
  }
  const bounds = `Use ${field.step === 1 ? 'a whole number' : 'a number'}. ${field.bounds}`
  return (
    <Field
      label={field.label}
      hint={field.about}
      error={error && (error.type === fromServer ? error.message : bounds)}
      {...(className ? { className } : {})}
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
