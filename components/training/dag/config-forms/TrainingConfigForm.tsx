'use client'

import { zodResolver } from '@hookform/resolvers/zod'
import { useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { FormProvider, type Path, useForm, useFormContext, useWatch } from 'react-hook-form'
import { toast } from 'sonner'
import { CostStep } from '../../launch/CostStep.tsx'
import { DataStep } from '../../launch/DataStep.tsx'
import { LaunchSummary } from '../../launch/LaunchSummary.tsx'
import type { LaunchStart } from '../../launch/launch-queries.ts'
import { type LaunchInput, type LaunchValues, launchSchema } from '../../launch/launch-values.ts'
import { ModelStep } from '../../launch/ModelStep.tsx'
import { SuggestedMachine } from '../../launch/machine/SuggestedMachine.tsx'
import { ProviderStep } from '../../launch/ProviderStep.tsx'
import { fromServer, placedProblems } from '../../launch/server-problems.ts'
import { suggestedName } from '../../launch/summary-words.ts'
import { useChosenDatasets } from '../../launch/use-chosen-datasets.ts'
import { useLaunch } from '../../launch/use-launch.ts'

/** Where, what, on which data, at what cost; then the training in words and its launch. */
export function TrainingConfigForm({ start }: { start: LaunchStart }) {
  const form = useForm<LaunchInput, unknown, LaunchValues>({
    resolver: zodResolver(launchSchema),
    defaultValues: start.values,
  })
  const [overwrite, setOverwrite] = useState(false)
  const suggested = useRef<string | null>(null)
  const fields = useRef<HTMLFormElement>(null)
  const [placed, setPlaced] = useState(false)
  const saved = start.config && { id: start.config.id, values: start.values as LaunchValues }
  const { launch, save } = useLaunch(saved)

  /** Shows a refusal where it can be mended, and goes there. */
  function place(error: unknown) {
    const problems = placedProblems(error, form.getValues())
    // Shown at once: on a busy machine the next frame may come before it.
    flushSync(() => {
      for (const { path, message } of problems)
        form.setError(path as Path<LaunchInput>, { type: fromServer, message })
      setPlaced(problems.length > 0)
    })
    goToFirstProblem(fields.current)
  }

  const submit = form.handleSubmit((values) => {
    if (launch.isPending) return
    setPlaced(false)
    launch.mutate({ values, overwrite, suggested: suggested.current }, { onError: place })
  })
  const keep = form.handleSubmit((values) => {
    setPlaced(false)
    save.mutate({ values, overwrite }, { onSuccess: () => toast('Configuration saved'), onError: place })
  })
  return (
    <FormProvider {...form}>
      <form
        ref={fields}
        onSubmit={submit}
        noValidate
        className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]"
      >
        <NameSuggestion fixed={start.values.name !== ''} />
        <SuggestedMachine machine={suggested} />
        <div className="grid min-w-0 gap-6">
          <ProviderStep />
          <ModelStep />
          <DataStep />
          <CostStep />
        </div>
        <div className="lg:sticky lg:top-18">
          <LaunchSummary
            launching={launch.isPending || launch.isSuccess}
            saving={save.isPending}
            error={launch.error ?? save.error}
            errorIsPlaced={placed}
            changedConfig={start.config && form.formState.isDirty ? start.config.name : null}
            overwrite={overwrite}
            onOverwrite={setOverwrite}
            onSave={keep}
          />
        </div>
      </form>
    </FormProvider>
  )
}

function goToFirstProblem(form: HTMLFormElement | null) {
  const place = form?.querySelector<HTMLElement>('[aria-invalid="true"]')
  const control = place?.matches('[role="radiogroup"]')
    ? place.querySelector<HTMLElement>('[role="radio"][data-state="checked"]')
    : place
  control?.focus()
  place?.scrollIntoView({ block: 'center' })
}

/** Names the training after its model and data until somebody types a name. */
function NameSuggestion({ fixed }: { fixed: boolean }) {
  const { setValue, formState } = useFormContext<LaunchInput>()
  const [trainer, baseModel] = useWatch<LaunchInput, ['trainer', 'base_model']>({
    name: ['trainer', 'base_model'],
  })
  const datasets = useChosenDatasets()
  const name = suggestedName({ trainer, baseModel, datasets })
  const typed = fixed || Boolean(formState.dirtyFields.name)
  useEffect(() => {
    if (!typed) setValue('name', name)
  }, [typed, name, setValue])
  return null
}
