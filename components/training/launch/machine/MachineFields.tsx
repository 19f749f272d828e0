'use client'

import { useFormContext } from 'react-hook-form'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import type { LaunchInput } from '../launch-values.ts'
import { NumberInput } from '../NumberInput.tsx'
import { SwitchInput } from '../SwitchInput.tsx'
import type { MachineField } from './machine-catalog.ts'

export function MachineFieldInput({ field }: { field: MachineField }) {
  if (field.kind === 'number') return <NumberInput field={field} />
  if (field.kind === 'switch') return <SwitchInput field={field} />
  return <TextInput field={field} />
}

function TextInput({ field }: { field: Extract<MachineField, { kind: 'text' }> }) {
  const { register, getFieldState, formState } = useFormContext<LaunchInput>()
  const { error } = getFieldState(field.path, formState)
  return (
    <Field label={field.label} hint={field.about} error={error?.message} className="sm:col-span-2">
      {(control) => (
        <Input
          {...control}
          {...register(field.path)}
          spellCheck={false}
          autoComplete="off"
          placeholder={field.placeholder}
          className="font-mono"
        />
      )}
    </Field>
  )
}
