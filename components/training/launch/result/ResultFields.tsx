'use client'

import Link from 'next/link'
import { useFormContext, useWatch } from 'react-hook-form'
import { useStorageOptions } from '#components/datasets/dataset-queries.ts'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { storageProviderLabels } from '#lib/storage/storage-provider.types.ts'
import type { LaunchInput } from '../launch-values.ts'
import type { ResultPlace } from './result-values.ts'

/** Where checkpoints and the result of a rented machine go, for a place that keeps none of its own. */
export function ResultFields() {
  const { formState } = useFormContext<LaunchInput>()
  const [place, detached] = useWatch<LaunchInput, ['result.place', 'detached']>({
    name: ['result.place', 'detached'],
  })
  const { result: errors } = formState.errors
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      {detached ? (
        <PlaceField
          chosen={place === 'huggingface' ? place : ''}
          choices={[{ value: '', words: 'Nowhere' }, hubChoice]}
          hint={
            place === 'huggingface'
              ? hubHint
              : 'A detached machine cannot send us anything: what it learned is lost with it.'
          }
          error={errors?.place?.message}
        />
      ) : (
        <StoreOrHub place={place} error={errors?.place?.message} />
      )}
      {place === 'huggingface' && <HubFields />}
    </div>
  )
}

const hubChoice: Choice = { value: 'huggingface', words: 'A Hugging Face repository' }
const hubHint = 'The machine sends it there itself; checkpoints too.'

function StoreOrHub({ place, error }: { place: ResultPlace; error: string | undefined }) {
  const options = useStorageOptions().data?.options ?? []
  const preset = options.find((option) => option.is_artifact_default)
  const chosen = place || (preset?.provider ?? '')
  const missing = options.find((option) => option.provider === chosen && !option.available)
  const shut = options.find((option) => !option.available && option.fix_url)
  const stores = options.map(
    ({ provider, available, is_artifact_default: isDefault }): Choice => ({
      value: provider,
      words: `${storageProviderLabels[provider].badge}${isDefault ? ' (default)' : ''}${available ? '' : ': not set up'}`,
      disabled: !available && provider !== chosen,
    }),
  )
  const link = shut?.fix_url ? (
    <Link href={shut.fix_url} prefetch={false} className="text-primary-text underline underline-offset-2">
      Set up {storageProviderLabels[shut.provider].badge}
    </Link>
  ) : null
  return (
    <PlaceField
      chosen={chosen}
      choices={[...stores, hubChoice]}
      hint={
        missing ? (
          <>
            {missing.reason} {link}
          </>
        ) : place === 'huggingface' ? (
          hubHint
        ) : (
          <>Checkpoints and the adapter: through this application into that store. {link}</>
        )
      }
      error={error}
    />
  )
}

interface Choice {
  value: ResultPlace
  words: string
  disabled?: boolean
}

function PlaceField({
  chosen,
  choices,
  hint,
  error,
}: {
  chosen: ResultPlace
  choices: readonly Choice[]
  hint: React.ReactNode
  error: string | undefined
}) {
  const { setValue } = useFormContext<LaunchInput>()
  return (
    <Field label="Result goes to" hint={hint} error={error} className="sm:col-span-2">
      {(control) => (
        <NativeSelect
          {...control}
          value={chosen}
          onChange={({ target }) =>
            setValue('result.place', target.value as ResultPlace, { shouldDirty: true, shouldValidate: true })
          }
        >
          {choices.map(({ value, words, disabled }) => (
            <option key={value} value={value} disabled={disabled}>
              {words}
            </option>
          ))}
        </NativeSelect>
      )}
    </Field>
  )
}

function HubFields() {
  const { register, formState } = useFormContext<LaunchInput>()
  const { result: errors } = formState.errors
  return (
    <>
      <Field
        label="Repository"
        error={errors?.repository?.message}
        hint="Made private if it is not there yet."
      >
        {(control) => (
          <Input
            {...control}
            {...register('result.repository')}
            placeholder="me/support-adapter"
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="none"
            className="font-mono"
          />
        )}
      </Field>
      <Field
        label="Write token"
        error={errors?.token?.message}
        hint="Kept sealed, given to this job’s machine alone. Make one for this repository only."
      >
        {(control) => (
          <Input
            {...control}
            {...register('result.token')}
            type="password"
            placeholder="hf_…"
            spellCheck={false}
            autoComplete="new-password"
            className="font-mono"
          />
        )}
      </Field>
    </>
  )
}
