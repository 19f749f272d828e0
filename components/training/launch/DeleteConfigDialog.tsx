'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '#components/ui/dialog.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { deleteTrainingConfig } from '#lib/client/training-configs.ts'
import type { TrainingConfig } from '#lib/training/training-config.types.ts'

/** Deletes a saved configuration; jobs keep their own copy of what they were told. */
export function DeleteConfigDialog({ config }: { config: Pick<TrainingConfig, 'id' | 'name'> }) {
  const [open, setOpen] = useState(false)
  const router = useRouter()
  const queries = useQueryClient()
  const removal = useMutation({
    mutationFn: () => deleteTrainingConfig(browserApi, config.id),
    onSuccess: () => {
      setOpen(false)
      toast.success('Configuration deleted', { description: config.name })
      void queries.invalidateQueries({ queryKey: ['training-configs'] })
      router.replace('/training')
    },
  })
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        removal.reset()
        setOpen(next)
      }}
    >
      <DialogTrigger asChild>
        <Button>Delete</Button>
      </DialogTrigger>
      <DialogContent
        title="Delete this configuration?"
        description="Jobs that were launched with it keep a copy of it, and can be run again. This cannot be undone."
      >
        <p className="break-words rounded-md bg-muted px-3 py-2 font-medium">
          <bdi>{config.name}</bdi>
        </p>
        {removal.isError && <ErrorState title="It was not deleted" error={removal.error} />}
        <DialogFooter>
          <DialogClose asChild>
            <Button>Keep it</Button>
          </DialogClose>
          <Button variant="danger" busy={removal.isPending} onClick={() => removal.mutate()}>
            Delete configuration
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}
