'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '#components/ui/dialog.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { deleteJob } from '#lib/client/job-history.ts'
import type { Job } from '#lib/training/job.types.ts'

export function DeleteJob({ job }: { job: Job }) {
  const [open, setOpen] = useState(false)
  const router = useRouter()
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deleteJob(browserApi, job.id),
    onSuccess: () => {
      toast('Job deleted')
      queries.removeQueries({ queryKey: ['jobs', 'list'] })
      router.push('/jobs')
    },
  })
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button>Delete</Button>
      </DialogTrigger>
      <DialogContent
        title="Delete this job?"
        description="Its curves, its log and its artifacts are deleted. Its datasets and its saved configuration stay."
      >
        {remove.isError && <ErrorState title="The job was not deleted" error={remove.error} />}
        <DialogFooter>
          <DialogClose asChild>
            <Button>Keep it</Button>
          </DialogClose>
          <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete job
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}
