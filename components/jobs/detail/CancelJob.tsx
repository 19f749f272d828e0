'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '#components/ui/dialog.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { cancelJob } from '#lib/client/jobs.ts'
import type { Job } from '#lib/training/job.types.ts'
import { jobKeys } from '../job-queries.ts'
import { cancelWords } from './machine-words.ts'

export function CancelJob({ job }: { job: Job }) {
  const [open, setOpen] = useState(false)
  const queries = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => cancelJob(browserApi, job.id),
    onSuccess: async (cancelled) => {
      queries.setQueryData(jobKeys.one(job.id), cancelled)
      setOpen(false)
      await queries.invalidateQueries({ queryKey: jobKeys.all })
    },
  })
  const asked = job.cancel_requested_at !== null
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button busy={asked}>{asked ? 'Cancelling' : 'Cancel job'}</Button>
      </DialogTrigger>
      <DialogContent title="Cancel this job?" description={whatHappens(job)}>
        {cancel.isError && <ErrorState title="The job was not cancelled" error={cancel.error} />}
        <DialogFooter>
          <DialogClose asChild>
            <Button>Keep it running</Button>
          </DialogClose>
          <Button variant="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel job
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}

function whatHappens({ status, provider, provider_ref: machine }: Job): string {
  if (status === 'queued' && !machine)
    return 'It has no machine yet, so nothing is lost. It leaves the queue.'
  return `${cancelWords[provider]} Curves and log stay. A cancelled job does not go on later, but you can run it again.`
}
