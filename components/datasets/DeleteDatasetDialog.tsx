'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter } from '#components/ui/dialog.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { deleteDataset, listDatasetActivity } from '#lib/client/datasets.ts'
import { formatPlural } from '#lib/display/number-format.ts'
import { storageProviderLabels } from '#lib/storage/storage-provider.types.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { datasetKeys } from './dataset-queries.ts'

export interface DeleteDatasetDialogProps {
  dataset: Dataset
  open: boolean
  onOpenChange: (open: boolean) => void
  onDeleted?: () => void
}

/** Asks once; for a dataset that jobs have used, asks for its name too. */
export function DeleteDatasetDialog({ dataset, open, onOpenChange, onDeleted }: DeleteDatasetDialogProps) {
  const [typed, setTyped] = useState('')
  const queryClient = useQueryClient()
  const used = useQuery({
    queryKey: datasetKeys.activity(dataset.id),
    queryFn: ({ signal }) => listDatasetActivity(browserApi, dataset.id, signal),
    select: ({ job_count }) => job_count,
    enabled: open,
  })
  const removal = useMutation({
    mutationFn: () => deleteDataset(browserApi, dataset.id),
    onSuccess: () => {
      onOpenChange(false)
      toast.success('Dataset deleted', { description: dataset.name })
      onDeleted?.()
      queryClient.removeQueries({ queryKey: datasetKeys.one(dataset.id) })
      void queryClient.invalidateQueries({ queryKey: datasetKeys.all })
    },
  })
  const jobs = used.data ?? 0
  const confirmed = jobs === 0 || typed.trim() === dataset.name
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setTyped('')
        removal.reset()
        onOpenChange(next)
      }}
    >
      <DialogContent
        title="Delete this dataset?"
        description={`Its row here and its file in ${storageProviderLabels[dataset.storage_provider].badge} are removed. This cannot be undone.`}
      >
        <p className="break-words rounded-md bg-muted px-3 py-2 font-medium">
          <bdi>{dataset.name}</bdi>
        </p>
        {jobs > 0 ? (
          <Field
            label="Type its name to confirm"
            hint={`${formatPlural(jobs, 'job has', 'jobs have')} used it. They keep their results, but cannot be run again.`}
          >
            {(control) => (
              <Input
                {...control}
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
        ) : null}
        {used.isError ? (
          <ErrorState
            title="Whether jobs have used it could not be asked for"
            error={used.error}
            retry={() => used.refetch()}
          />
        ) : null}
        {removal.isError ? <ErrorState error={removal.error} title="It was not deleted" /> : null}
        <DialogFooter>
          <DialogClose asChild>
            <Button>Keep it</Button>
          </DialogClose>
          <Button
            variant="danger"
            disabled={!confirmed || !used.isSuccess || used.isFetching}
            busy={removal.isPending}
            onClick={() => removal.mutate()}
          >
            Delete dataset
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}
