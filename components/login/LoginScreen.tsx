'use client'

import { useState } from 'react'
import { Brand } from '#components/frame/Brand.tsx'
import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import type { Session } from '#lib/auth/account.types.ts'
import { NewAccountForm } from './NewAccountForm.tsx'
import { SignInForm } from './SignInForm.tsx'

/** The way in. On a deployment without an account it makes the owner instead. */
export function LoginScreen({ session, target }: { session: Session; target: string }) {
  const [joining, setJoining] = useState(false)
  const [unconfirmed, setUnconfirmed] = useState<string | null>(null)
  // A full load, so that nothing that was read before lives on under another account.
  const enter = () => window.location.assign(target)
  const waitForConfirmation = (email: string) => {
    setUnconfirmed(email)
    setJoining(false)
  }
  return (
    <main className="grid min-h-dvh grid-rows-[minmax(3rem,1fr)_auto_minmax(3rem,2fr)] justify-items-center px-4">
      <div className="row-start-2 grid w-full max-w-96 gap-6">
        <div className="justify-self-center">
          <Brand />
        </div>
        <Card className="grid gap-4 p-6">
          {unconfirmed && !joining ? (
            <Alert tone="success" role="status" title="Confirm your address">
              Follow the link in the message to <bdi>{unconfirmed}</bdi>, then sign in.
            </Alert>
          ) : null}
          {session.needs_owner || joining ? (
            <NewAccountForm
              key={session.needs_owner ? 'owner' : 'member'}
              kind={session.needs_owner ? 'owner' : 'member'}
              onEntered={enter}
              onConfirmationSent={waitForConfirmation}
            />
          ) : (
            <SignInForm onEntered={enter} />
          )}
          {session.signup_open && !session.needs_owner ? (
            <Button variant="link" className="justify-self-center" onClick={() => setJoining(!joining)}>
              {joining ? 'I have an account' : 'Create an account'}
            </Button>
          ) : null}
        </Card>
      </div>
    </main>
  )
}
