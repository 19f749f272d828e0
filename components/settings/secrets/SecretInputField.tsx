'use client'

import { useFormContext } from 'react-hook-form'
import { PasswordInput } from '#components/login/PasswordInput.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import type { SecretField } from './secret-catalog.ts'
import type { SecretValues } from './secret-values.ts'

/** `kept`: says that the key which is there stays when this is left empty. */
export function SecretInputField({
  field: { path, label, hint, placeholder, kind },
  kept,
}: {
  field: SecretField
  kept?: string | undefined
}) {
  const { register, getFieldState, formState } = useFormContext<SecretValues>()
  const words = kept ? [hint, 'Leave it empty to keep it.'].filter(Boolean).join(' ') : hint
  return (
    <Field label={label} hint={words} error={getFieldState(path, formState).error?.message}>
      {(control) => {
        if (kind === 'path-style')
          return (
            <NativeSelect {...control} {...register(path, { setValueAs: pathStyleOf })}>
              <option value="">Let the test find out</option>
              <option value="true">Always</option>
              <option value="false">Never</option>
            </NativeSelect>
          )
        const Control = kind === 'secret' ? PasswordInput : Input
        return (
          <Control
            {...control}
            {...register(path)}
            placeholder={kept ?? placeholder}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )
      }}
    </Field>
  )
}

function pathStyleOf(value: unknown): boolean | undefined {
  return value === '' || value === undefined ? undefined : String(value) === 'true'
}
