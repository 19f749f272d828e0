'use client'

import { useFormContext, useWatch } from 'react-hook-form'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Label } from '#components/ui/label.tsx'
import type { LaunchInput } from './launch-values.ts'
import { summaryWords } from './summary-words.ts'
import { useChosenDatasets } from './use-chosen-datasets.ts'

interface LaunchSummaryProps {
  launching: boolean
  saving: boolean
  error: unknown
  /** The saved configuration that was changed, if any. */
  changedConfig: string | null
  overwrite: boolean
  onOverwrite: (overwrite: boolean) => void
  onSave: () => void
}

/** The training in one sentence, its name, and the button. */
export function LaunchSummary(props: LaunchSummaryProps) {
  const { launching, saving, error, changedConfig, overwrite, onOverwrite, onSave } = props
  const { register, formState } = useFormContext<LaunchInput>()
  const values = useWatch<LaunchInput>()
  const datasets = useChosenDatasets()
  const settings = values.hyperparameters
  const words = summaryWords({
    provider: values.provider ?? 'local',
    method: values.method ?? 'sft',
    trainer: values.trainer ?? 'smoke',
    baseModel: values.base_model ?? '',
    lora: Boolean(settings?.lora),
    epochs: settings?.epochs || 0,
    maxSteps: settings?.max_steps || null,
    datasets,
  })
  const wrong = formState.isSubmitted && !formState.isValid
  return (
    <section aria-label="Summary" className="grid gap-4 rounded-md border bg-card p-4 sm:p-6">
      <p className="break-words text-base">
        {words} {values.provider === 'local' && 'It costs nothing.'}
      </p>
      <Field label="Name" error={formState.errors.name?.message}>
        {(control) => (
          <Input {...control} {...register('name')} autoComplete="off" maxLength={200} dir="auto" />
        )}
      </Field>
      {changedConfig !== null && (
        <div className="flex items-start gap-2">
          <Checkbox
            id="overwrite"
            checked={overwrite}
            onCheckedChange={(on) => onOverwrite(on === true)}
            className="mt-0.5"
          />
          <Label htmlFor="overwrite" className="min-w-0 break-words font-normal">
            Save these changes to “<bdi>{changedConfig}</bdi>”
          </Label>
        </div>
      )}
      {error ? <ErrorState title="The training was not launched" error={error} /> : null}
      {wrong && (
        <p role="alert" className="text-danger">
          {datasets.length === 0 ? 'Choose a dataset.' : 'Something above needs another value.'}
        </p>
      )}
      <div className="grid gap-2">
        <Button type="submit" variant="primary" size="lg" busy={launching}>
          Launch training
        </Button>
        <Button onClick={onSave} busy={saving} disabled={launching}>
          Save configuration
        </Button>
      </div>
    </section>
  )
}
