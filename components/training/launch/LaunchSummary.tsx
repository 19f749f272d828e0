'use client'

import { useFormContext, useWatch } from 'react-hook-form'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Label } from '#components/ui/label.tsx'
import { useProviderState } from './launch-queries.ts'
import type { LaunchInput } from './launch-values.ts'
import { MissingKeyLink } from './ProviderCard.tsx'
import { SummarySentence } from './SummarySentence.tsx'

interface LaunchSummaryProps {
  launching: boolean
  saving: boolean
  error: unknown
  /** The error is shown at the fields that it names. */
  errorIsPlaced: boolean
  /** The saved configuration that was changed, if any. */
  changedConfig: string | null
  overwrite: boolean
  onOverwrite: (overwrite: boolean) => void
  onSave: () => void
}

/** The training in one sentence, its name, and the button. */
export function LaunchSummary(props: LaunchSummaryProps) {
  const { launching, saving, error, errorIsPlaced, changedConfig, overwrite, onOverwrite, onSave } = props
  const { register, formState } = useFormContext<LaunchInput>()
  const provider = useWatch<LaunchInput, 'provider'>({ name: 'provider' })
  const state = useProviderState(provider)
  const needsKey = state?.state === 'needs_key'
  const { datasets } = formState.errors
  const choiceIsWrong = Boolean(datasets?.message ?? datasets?.root?.message)
  const wrong = Object.keys(formState.errors).length > 0 && (formState.isSubmitted || errorIsPlaced)
  return (
    <section aria-label="Summary" className="grid gap-4 rounded-md border bg-card p-4 sm:p-6">
      <SummarySentence />
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
      {error && !errorIsPlaced ? <ErrorState title="The training was not launched" error={error} /> : null}
      {wrong && (
        <p role="alert" className="text-danger">
          {choiceIsWrong ? 'Choose a dataset that fits.' : 'Something above needs another value.'}
        </p>
      )}
      {needsKey && (
        <Alert tone="warning" title={state.reason ?? 'A key is missing'}>
          <MissingKeyLink state={state} />
        </Alert>
      )}
      <div className="grid gap-2">
        <Button type="submit" variant="primary" size="lg" busy={launching} disabled={needsKey}>
          Launch training
        </Button>
        <Button onClick={onSave} busy={saving} disabled={launching}>
          Save configuration
        </Button>
      </div>
    </section>
  )
}
