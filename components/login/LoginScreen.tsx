'use client'

import { useEffect, useState } from 'react'
import { Brand } from '#components/frame/Brand.tsx'
import { safeNext } from '#components/frame/go-to-login.ts'
import { useSession } from '#components/frame/use-session.ts'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { LoginSkeleton } from './LoginSkeleton.tsx'
import { NewAccountForm } from './NewAccountForm.tsx'
import { SignInForm } from './SignInForm.tsx'

/** The way in. On a deployment without an account it makes the owner instead. */
export function LoginScreen({ next }: { next: string | null }) {
  const session = useSession()
  const signedIn = Boolean(session.data?.user)
  // A full load, so that nothing that was read before lives on under another account.
  const enter = () => window.location.assign(safeNext(next))
  useEffect(() => {
    if (signedIn) window.location.replace(safeNext(next))
  }, [signedIn, next])
  return (
    <main className="grid min-h-dvh grid-rows-[minmax(3rem,1fr)_auto_minmax(3rem,2fr)] justify-items-center px-4">
      <div className="row-start-2 grid w-full max-w-96 gap-6">
        <div className="justify-self-center">
          <Brand />
        </div>
        <Card className="p-6">
          {session.isError && !session.data ? (
            <ErrorState error={session.error} retry={() => session.refetch()} />
          ) : !session.data || signedIn ? (
            <LoginSkeleton />
          ) : session.data.needs_owner ? (
            <NewAccountForm kind="owner" onEntered={enter} />
          ) : (
            <SignInOrUp open={session.data.signup_open} onEntered={enter} />
          )}
        </Card>
      </div>
    </main>
  )
}

function SignInOrUp({ open, onEntered }: { open: boolean; onEntered: () => void }) {
  const [joining, setJoining] = useState(false)
  return (
    <div className="grid gap-4">
      {joining ? (
        <NewAccountForm kind="member" onEntered={onEntered} />
      ) : (
        <SignInForm onEntered={onEntered} />
      )}
      {open ? (
        <Button variant="link" className="justify-self-center" onClick={() => setJoining(!joining)}>
          {joining ? 'I have an account' : 'Create an account'}
        </Button>
      ) : null}
    </div>
  )
}
