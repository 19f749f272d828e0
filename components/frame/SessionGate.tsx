'use client'

import { type ReactNode, useEffect } from 'react'
import { ErrorState } from '#components/ui/error-state.tsx'
import { goToLogin } from './go-to-login.ts'
import { useSession } from './use-session.ts'

/** Pages ask for their own data at once; this only leads strangers to the sign-in page. */
export function SessionGate({ children }: { children: ReactNode }) {
  const session = useSession()
  const stranger = session.data?.user === null
  useEffect(() => {
    if (stranger) goToLogin()
  }, [stranger])
  if (stranger) return null
  if (session.isError && !session.data) {
    return <ErrorState error={session.error} retry={() => session.refetch()} />
  }
  return children
}
