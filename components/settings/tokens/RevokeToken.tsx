'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '#components/ui/dialog.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import type { ApiToken } from '#lib/auth/account.types.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { revokeToken } from '#lib/client/tokens.ts'
import { tokensKey } from './tokens-key.ts'

export function RevokeToken({ token }: { token: ApiToken }) {
  const [open, setOpen] = useState(false)
  const queries = useQueryClient()
  const revocation = useMutation({
    mutationFn: () => revokeToken(browserApi, token.id),
    onSuccess: async () => {
      toast.success('Token revoked', { description: token.name })
      setOpen(false)
      await queries.invalidateQueries({ queryKey: tokensKey })
    },
  })
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm">
          Revoke<span className="sr-only"> {token.name}</span>
        </Button>
      </DialogTrigger>
      <DialogContent
        title="Revoke this token?"
        description="Whatever uses it is refused from now on. This cannot be undone."
      >
        <p className="break-words rounded-md bg-muted px-3 py-2 font-medium">
          <bdi>{token.name}</bdi>
        </p>
        {revocation.isError ? (
          <ErrorState title="The token was not revoked" error={revocation.error} />
        ) : null}
        <DialogFooter>
          <DialogClose asChild>
            <Button>Keep it</Button>
          </DialogClose>
          <Button variant="danger" busy={revocation.isPending} onClick={() => revocation.mutate()}>
            Revoke token
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}
