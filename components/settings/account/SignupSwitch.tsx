'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { sessionKey } from '#components/frame/use-session.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Label } from '#components/ui/label.tsx'
import { Switch } from '#components/ui/switch.tsx'
import { setSignup } from '#lib/client/account.ts'
import { browserApi } from '#lib/client/browser-api.ts'

/** For the owner: whether others can make accounts. */
export function SignupSwitch({ open }: { open: boolean }) {
  const queryClient = useQueryClient()
  const change = useMutation({
    mutationFn: (signup_open: boolean) => setSignup(browserApi, { signup_open }),
    onSuccess({ signup_open }) {
      toast.success(signup_open ? 'Sign-up is open' : 'Sign-up is closed')
      return queryClient.invalidateQueries({ queryKey: sessionKey })
    },
  })
  const shown = change.isPending ? change.variables : open
  return (
    <div className="grid gap-4">
      <div className="flex items-start justify-between gap-6">
        <div className="grid gap-1">
          <Label htmlFor="signup-open">Others can create an account</Label>
          <p id="signup-open-hint" className="text-muted-foreground text-xs">
            {shown
              ? 'Whoever reaches this address can. Each account sees its own datasets, jobs and keys alone.'
              : 'The sign-in page offers none. Open it while your team joins, then close it again.'}
          </p>
        </div>
        <Switch
          id="signup-open"
          aria-describedby="signup-open-hint"
          checked={shown}
          disabled={change.isPending}
          onCheckedChange={(on) => change.mutate(on)}
        />
      </div>
      {change.isError ? <ErrorState title="Sign-up was not changed" error={change.error} /> : null}
    </div>
  )
}
