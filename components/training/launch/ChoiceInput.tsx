'use client'

import { Controller } from 'react-hook-form'
import { Field } from '#components/ui/field.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger } from '#components/ui/select.tsx'
import type { ChoiceField } from './hyperparameter-catalog.ts'
import type { LaunchInput } from './launch-values.ts'

/** One of a few words, with its explanation. */
export function ChoiceInput({ field: { path, label, about, options } }: { field: ChoiceField }) {
  return (
    <Controller<LaunchInput, ChoiceField['path']>
      name={path}
      render={({ field }) => (
        <Field label={label} hint={about}>
          {(control) => (
            <Select value={field.value ?? ''} onValueChange={field.onChange}>
              <SelectTrigger {...control} ref={field.ref} onBlur={field.onBlur} />
              <SelectContent>
                {options.map(({ value, words }) => (
                  <SelectItem key={value} value={value}>
                    {words}
                  </SelectItem>
                ))}
              </SelectContent>
            </Select>
          )}
        </Field>
      )}
    />
  )
}
