'use client'

import { useMutation } from '@tanstack/react-query'
import { ExternalLink } from 'lucide-react'
import { useEffect } from 'react'
import { FormProvider, useForm } from 'react-hook-form'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { isApiError } from '#lib/client/api-error.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { saveSecret } from '#lib/client/secrets.ts'
import { formatPlural } from '#lib/display/number-format.ts'
import {
  type Secret,
  type SecretInput,
  type SecretNeeds,
  type SecretProvider,
  secretNeedsSchema,
  secretProviderLabels,
} from '#lib/secrets/secret.types.ts'
import { SecretInputField } from './SecretInputField.tsx'
import { SecretNeedsList } from './SecretNeedsList.tsx'
import { entryOf, type SecretField } from './secret-catalog.ts'
import { useSecretChanged } from './secret-queries.ts'
import { type SecretValues, secretResolver, valuesOfSecret } from './secret-values.ts'

interface SecretFormProps {
  provider: SecretProvider
  /** The one that this changes; null where there is none yet. */
  secret: Secret | null
  /** Whoever opened the form by hand wants to type; whoever was led here by a link does not. */
  focusFirst: boolean
  onSaved: () => void
  onCancel: () => void
}

export function SecretForm({ provider, secret, focusFirst, onSaved, onCancel }: SecretFormProps) {
  const { keyField, fields, source } = entryOf(provider)
  const label = secretProviderLabels[provider]
  // One that cannot be opened any more cannot be kept either.
  const keyMayStay = secret !== null && secret.problem === null
  const changed = useSecretChanged()
  const form = useForm<SecretValues, unknown, SecretInput>({
    resolver: secretResolver(provider, keyMayStay),
    defaultValues: valuesOfSecret(provider, secret),
  })
  const saving = useMutation({
    // Confirmed is only what was shown: had another job come to need it meanwhile, the server would list that first.
    mutationFn: ({ input, confirm }: { input: SecretInput; confirm: boolean }) =>
      saveSecret(browserApi, provider, input, { confirm }),
    onSuccess: (saved) => {
      changed(provider, saved)
      onSaved()
    },
    onError: (error) => {
      for (const { field, message } of fieldErrors(error)) form.setError(field, { message })
    },
  })
  const cutOff = jobsCutOff(saving.error)
  const { setFocus } = form
  useEffect(() => {
    if (focusFirst) setFocus('api_key')
  }, [focusFirst, setFocus])
  const kept = ({ path, kind }: SecretField) => {
    if (!keyMayStay) return undefined
    if (path === 'api_key') return secret.preview
    return kind === 'secret' ? 'Unchanged' : undefined
  }
  return (
    <FormProvider {...form}>
      <form
        noValidate
        aria-label={`${label} secret`}
        autoComplete="off"
        className="grid gap-4"
        onSubmit={form.handleSubmit((input) => saving.mutate({ input, confirm: cutOff !== null }))}
      >
        <p className="text-muted-foreground">
          {source.what}{' '}
          <a
            href={source.href}
            target="_blank"
            rel="noreferrer"
            className="inline-flex items-center gap-1 text-primary-text underline underline-offset-2"
          >
            {source.label}
            <ExternalLink aria-hidden className="size-3.5" />
          </a>
        </p>
        {secret && secret.needed_by.dataset_count > 0 ? (
          <Alert
            title={`${formatPlural(secret.needed_by.dataset_count, 'dataset')} at S3 will be read with it`}
          >
            Each stays in the bucket that it was put into, whatever is changed here. The test tells whether
            the key may still read there.
          </Alert>
        ) : null}
        <div className="grid items-start gap-4 sm:grid-cols-2">
          {[keyField, ...fields].map((field) => (
            <SecretInputField key={field.path} field={field} kept={kept(field)} />
          ))}
          <Field
            label="Description"
            hint="For you, to tell it from others."
            error={form.formState.errors.description?.message}
            className="sm:last:odd:col-span-2"
          >
            {(control) => (
              <Input {...control} {...form.register('description')} autoComplete="off" maxLength={500} />
            )}
          </Field>
        </div>
        {cutOff ? (
          <Alert tone="warning" title={`${formatPlural(cutOff.job_count, 'job')} may be out of its reach`}>
            <p className="mb-2">
              A key of another account can neither watch nor end them: they would look gone, and go on
              costing. Wait for their end, or cancel them first.
            </p>
            <SecretNeedsList needs={cutOff} />
          </Alert>
        ) : saving.isError ? (
          <NotSaved error={saving.error} />
        ) : null}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" busy={saving.isPending}>
            {cutOff ? 'Save all the same' : 'Save and test'}
          </Button>
          <Button onClick={onCancel}>Cancel</Button>
        </div>
      </form>
    </FormProvider>
  )
}

function NotSaved({ error }: { error: Error }) {
  const title = 'The secret was not saved'
  if (fieldErrors(error).length === 0) return <ErrorState title={title} error={error} />
  return (
    <Alert tone="danger" title={title}>
      {error.message}: it is said at the field.
    </Alert>
  )
}

/** Jobs that live by the key which is there; they were not confirmed to be left alone. */
function jobsCutOff(error: unknown): SecretNeeds | null {
  if (!isApiError(error) || error.code !== 'secret_in_use') return null
  return secretNeedsSchema.safeParse(error.body.needed_by).data ?? null
}

/** The server's own findings about single fields, such as an address that it may not reach. */
function fieldErrors(error: unknown): { field: SecretField['path']; message: string }[] {
  if (!isApiError(error) || !Array.isArray(error.details)) return []
  return error.details.filter(({ field, message }) => field && message)
}
