'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '#components/ui/dialog.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { deleteArtifact } from '#lib/client/artifacts.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { jobKeys } from '../job-queries.ts'

export function DeleteArtifact({ jobId, name }: { jobId: string; name: string }) {
  const [open, setOpen] = useState(false)
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => deleteArtifact(browserApi, jobId, name),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: jobKeys.artifacts(jobId) })
      setOpen(false)
      toast(`${name} deleted`)
    },
  })
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="icon" variant="ghost" aria-label={`Delete ${name}`}>
          <Trash2 aria-hidden />
        </Button>
      </DialogTrigger>
      <DialogContent title={`Delete ${name}?`} description="Its bytes are removed from the store for good.">
        {remove.isError && <ErrorState title="It was not deleted" error={remove.error} />}
        <DialogFooter>
          <DialogClose asChild>
            <Button>Keep it</Button>
          </DialogClose>
          <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete artifact
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}
