'use client'

import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '#components/ui/dialog.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { deleteSecret } from '#lib/client/secrets.ts'
import type { Secret, SecretNeeds } from '#lib/secrets/secret.types.ts'
import { isNeeded, SecretNeedsList } from './SecretNeedsList.tsx'
import { useSecretChanged, useSecrets } from './secret-queries.ts'

/** Lists what still needs a secret before it goes, as it is at this moment. */
export function DeleteSecret({ secret: { provider, label, preview, needed_by } }: { secret: Secret }) {
  const [open, setOpen] = useState(false)
  const secrets = useSecrets()
  const changed = useSecretChanged()
  const needed = isNeeded(needed_by)
  const removal = useMutation({
    // Confirmed is only what was shown: had something come to need it meanwhile, the server would list that first.
    mutationFn: () => deleteSecret(browserApi, provider, needed),
    onSuccess: () => {
      setOpen(false)
      toast.success('Secret deleted', { description: label })
      changed(provider, null)
    },
    onError: () => secrets.refetch(),
  })
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        removal.reset()
        setOpen(next)
        if (next) void secrets.refetch()
      }}
    >
      <DialogTrigger asChild>
        <Button>
          Delete<span className="sr-only"> the {label} secret</span>
        </Button>
      </DialogTrigger>
      <DialogContent title={`Delete the ${label} secret?`} description={consequences(needed_by)}>
        <p className="break-all rounded-md bg-muted px-3 py-2 font-mono text-xs">{preview}</p>
        {secrets.isFetching && !removal.isPending ? (
          <Loading label="Asking what needs it">
            <Skeleton className="h-4 w-56" />
          </Loading>
        ) : needed ? (
          <SecretNeedsList needs={needed_by} />
        ) : null}
        {removal.isError ? <ErrorState title="The secret was not deleted" error={removal.error} /> : null}
        <DialogFooter>
          <DialogClose asChild>
            <Button>Keep it</Button>
          </DialogClose>
          <Button
            variant="danger"
            disabled={secrets.isFetching}
            busy={removal.isPending}
            onClick={() => removal.mutate()}
          >
            {needed ? 'Delete all the same' : 'Delete secret'}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}

function consequences({ job_count, dataset_count, artifact_count, upload_count }: SecretNeeds): string {
  const cutOff = [
    ...(job_count > 0 ? ['these jobs can be neither watched nor ended from here, or leave no results'] : []),
    ...(dataset_count > 0 ? ['these datasets cannot be read'] : []),
    ...(artifact_count > 0 ? ['these results can be neither downloaded nor removed'] : []),
    ...(upload_count > 0 ? ['these uploads cannot go on'] : []),
  ]
  if (cutOff.length === 0) return 'Nothing needs it at the moment. It can be put in again later.'
  return `Until it is put in again, ${cutOff.join('; ')}. Nothing of them is deleted.`
}
