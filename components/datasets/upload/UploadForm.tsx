'use client'

import { zodResolver } from '@hookform/resolvers/zod'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { Controller, useForm } from 'react-hook-form'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { Textarea } from '#components/ui/textarea.tsx'
import { useStorageOptions } from '../dataset-queries.ts'
import { declaredFormats } from '../declared-formats.ts'
import { declaredFormatLabels } from '../format-labels.ts'
import { DropZone } from './DropZone.tsx'
import { FirstCheckView } from './FirstCheckView.tsx'
import { nameFromFile } from './name-from-file.ts'
import { StorageProviderCards } from './StorageProviderCards.tsx'
import { useUpload } from './UploadProvider.tsx'
import { emptyUploadForm, type UploadFormValues, uploadFormSchema } from './upload-form.ts'
import { useFirstCheck } from './use-first-check.ts'

export function UploadForm() {
  const { start } = useUpload()
  const [file, setFile] = useState<File | null>(null)
  const [fileMissing, setFileMissing] = useState(false)
  const fileInput = useRef<HTMLInputElement>(null)
  const form = useForm({ resolver: zodResolver(uploadFormSchema), defaultValues: emptyUploadForm })
  const [format, split, context] = form.watch(['format', 'split', 'context_length'])
  const contextLength = useDeferredValue(lengthOf(context))
  const check = useFirstCheck(file, format ?? 'auto', split, contextLength)
  usePreferredStore((provider) => form.setValue('storage_provider', provider), form.watch('storage_provider'))

  function choose(chosen: File) {
    setFile(chosen)
    setFileMissing(false)
    if (!form.formState.dirtyFields.name) form.setValue('name', nameFromFile(chosen.name))
  }
  function submit(values: UploadFormValues) {
    if (file) start({ file, fileName: file.name, fields: values })
  }
  const { errors } = form.formState
  return (
    <form
      noValidate
      className="@container"
      onSubmit={(event) => {
        setFileMissing(!file)
        void form.handleSubmit(submit)(event)
        if (!file) fileInput.current?.focus()
      }}
    >
      <div className="grid gap-4 @2xl:grid-cols-2">
        <div className="grid content-start gap-4">
          <DropZone
            file={file}
            onFile={choose}
            inputRef={fileInput}
            error={fileMissing ? 'Choose the file to upload' : undefined}
          />
          <FirstCheckView check={check} split={split} onSplit={(next) => form.setValue('split', next)} />
        </div>
        <div className="grid content-start gap-4">
          <Field label="Name" error={errors.name?.message}>
            {(control) => <Input {...control} autoComplete="off" {...form.register('name')} />}
          </Field>
          <Field label="Description" error={errors.description?.message}>
            {(control) => (
              <Textarea {...control} rows={1} className="min-h-9" {...form.register('description')} />
            )}
          </Field>
          <Field label="Format">
            {(control) => (
              <NativeSelect {...control} {...form.register('format')}>
                {declaredFormats.map((value) => (
                  <option key={value} value={value}>
                    {declaredFormatLabels[value]}
                  </option>
                ))}
              </NativeSelect>
            )}
          </Field>
          <Field
            label="Context length"
            hint="In tokens, if you know it: rows that are longer are counted."
            error={errors.context_length ? 'A whole number of tokens' : undefined}
          >
            {(control) => (
              <Input
                {...control}
                inputMode="numeric"
                autoComplete="off"
                placeholder="Such as 4096"
                {...form.register('context_length', { setValueAs: (typed) => typed || undefined })}
              />
            )}
          </Field>
        </div>
        <div className="@2xl:col-span-2">
          <Controller
            name="storage_provider"
            control={form.control}
            render={({ field }) => <StorageProviderCards value={field.value} onChange={field.onChange} />}
          />
        </div>
      </div>
      <Button type="submit" variant="primary" className="mt-4 w-full @2xl:w-auto">
        Upload dataset
      </Button>
    </form>
  )
}

/** Nothing while it is no length yet. */
function lengthOf(typed: UploadFormValues['context_length']): number | undefined {
  return uploadFormSchema.shape.context_length.safeParse(typed || undefined).data
}

/** Chooses the deployment's default once it is known, and never overrules a person. */
function usePreferredStore(
  choose: (provider: UploadFormValues['storage_provider']) => void,
  chosen: UploadFormValues['storage_provider'],
) {
  const { data } = useStorageOptions()
  const preferred = data?.options.find((option) => option.is_default && option.available)
  const fallback = data?.options.find((option) => option.available)
  const provider = (preferred ?? fallback)?.provider
  useEffect(() => {
    if (!chosen && provider) choose(provider)
  })
}
