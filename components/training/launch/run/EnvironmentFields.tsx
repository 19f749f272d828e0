'use client'

import { Plus, X } from 'lucide-react'
import { useFieldArray, useFormContext } from 'react-hook-form'
import { Button } from '#components/ui/button.tsx'
import { Input } from '#components/ui/input.tsx'
import { Folded } from '../Folded.tsx'
import type { LaunchInput } from '../launch-values.ts'

/** Names and values for the machine: a Hugging Face token for a gated model, say. */
export function EnvironmentFields() {
  const { control, register, formState } = useFormContext<LaunchInput>()
  const lines = useFieldArray({ control, name: 'environment' })
  const { environment: errors } = formState.errors
  const together = errors?.message ?? errors?.root?.message
  return (
    <Folded
      title="Environment variables"
      about={lines.fields.length > 0 ? String(lines.fields.length) : 'HF_TOKEN, WANDB_API_KEY and such'}
      open={errors !== undefined}
    >
      <div className="grid gap-3">
        <p className="text-muted-foreground text-xs">
          Kept sealed, given to this job’s machine alone. They are not part of a saved configuration, and a
          job that is run again is told them anew.
        </p>
        {lines.fields.map((line, at) => {
          const error = errors?.[at]?.name?.message
          const nth = at + 1
          return (
            <div key={line.id} className="grid gap-1">
              <div className="flex gap-2">
                <Input
                  {...register(`environment.${at}.name`)}
                  aria-label={`Name of variable ${nth}`}
                  aria-invalid={error ? true : undefined}
                  aria-describedby={error ? `${line.id}-error` : undefined}
                  placeholder="HF_TOKEN"
                  spellCheck={false}
                  autoComplete="off"
                  autoCapitalize="none"
                  className="flex-1 basis-32 font-mono"
                />
                <Input
                  {...register(`environment.${at}.value`)}
                  aria-label={`Value of variable ${nth}`}
                  type="password"
                  spellCheck={false}
                  autoComplete="new-password"
                  className="flex-[2] font-mono"
                />
                <Button
                  variant="ghost"
                  size="icon"
                  aria-label={`Remove variable ${nth}`}
                  className="h-9"
                  onClick={() => lines.remove(at)}
                >
                  <X aria-hidden />
                </Button>
              </div>
              {error && (
                <p id={`${line.id}-error`} role="alert" className="text-danger text-xs">
                  {error}
                </p>
              )}
            </div>
          )
        })}
        {together && (
          <p role="alert" className="text-danger text-xs">
            {together}
          </p>
        )}
        <Button className="w-fit" size="sm" onClick={() => lines.append({ name: '', value: '' })}>
          <Plus aria-hidden />
          Add a variable
        </Button>
      </div>
    </Folded>
  )
}
