'use client'

import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { toast } from 'sonner'
import { z } from 'zod'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter } from '#components/ui/dialog.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Textarea } from '#components/ui/textarea.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { updateDataset } from '#lib/client/datasets.ts'
import { type Dataset, datasetDescriptionSchema, datasetNameSchema } from '#lib/training/dataset.types.ts'
import { datasetKeys } from '../dataset-queries.ts'

const wordsSchema = z.object({ name: datasetNameSchema, description: datasetDescriptionSchema })
type Words = z.infer<typeof wordsSchema>

export interface EditDatasetDialogProps {
  dataset: Dataset
  open: boolean
  onOpenChange: (open: boolean) => void
}

export function EditDatasetDialog({ dataset, open, onOpenChange }: EditDatasetDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title="Name and description">
        <EditDatasetForm dataset={dataset} onSaved={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  )
}

function EditDatasetForm({ dataset, onSaved }: { dataset: Dataset; onSaved: () => void }) {
  const queries = useQueryClient()
  const form = useForm<Words>({
    resolver: zodResolver(wordsSchema),
    defaultValues: { name: dataset.name, description: dataset.description ?? '' },
  })
  const change = useMutation({
    mutationFn: ({ name, description }: Words) =>
      updateDataset(browserApi, dataset.id, { name, description: description || null }),
    onSuccess: (changed) => {
      queries.setQueryData(datasetKeys.one(dataset.id), changed)
      void queries.invalidateQueries({ queryKey: datasetKeys.all })
      toast.success('Saved')
      onSaved()
    },
  })
  const { errors } = form.formState
  return (
    <form noValidate className="grid gap-4" onSubmit={form.handleSubmit((words) => change.mutate(words))}>
      <Field label="Name" error={errors.name?.message}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" dir="auto" />}
      </Field>
      <Field label="Description" error={errors.description?.message}>
        {(control) => <Textarea {...control} {...form.register('description')} dir="auto" />}
      </Field>
      {change.isError ? <ErrorState title="It was not saved" error={change.error} /> : null}
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" busy={change.isPending}>
          Save
        </Button>
      </DialogFooter>
    </form>
  )
}
