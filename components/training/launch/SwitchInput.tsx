'use client'

import { useId } from 'react'
import { Controller } from 'react-hook-form'
import { Label } from '#components/ui/label.tsx'
import { Switch } from '#components/ui/switch.tsx'
import type { SwitchField } from './hyperparameter-catalog.ts'
import type { LaunchInput } from './launch-values.ts'
import type { MachineSwitchPath } from './machine/machine-catalog.ts'

type SwitchPath = SwitchField['path'] | 'detached' | MachineSwitchPath

/** A setting that is on or off, with its explanation. */
export function SwitchInput({
  field: { path, label, about },
}: {
  field: { path: SwitchPath; label: string; about: string }
}) {
  const id = useId()
  return (
    <Controller<LaunchInput, SwitchPath>
      name={path}
      render={({ field, fieldState }) => (
        <div className="flex items-start gap-3">
          <Switch
            id={id}
            ref={field.ref}
            checked={field.value ?? false}
            aria-describedby={`${id}-about`}
            aria-invalid={fieldState.invalid}
            onBlur={field.onBlur}
            onCheckedChange={field.onChange}
          />
          <div className="grid gap-0.5">
            <Label htmlFor={id}>{label}</Label>
            <div id={`${id}-about`} className="grid gap-0.5 text-muted-foreground text-xs">
              <p>{about}</p>
              {fieldState.error && (
                <p role="alert" className="text-danger">
                  {fieldState.error.message}
                </p>
              )}
            </div>
          </div>
        </div>
      )}
    />
  )
}
