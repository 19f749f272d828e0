'use client'

import { type ReactNode, useEffect } from 'react'
import { goToLogin } from './go-to-login.ts'
import { useSession } from './use-session.tsx'

/** The server lets no stranger in; this notices a session that has ended meanwhile. */
export function SessionGate({ children }: { children: ReactNode }) {
  const ended = useSession().data?.user === null
  useEffect(() => {
    if (ended) goToLogin()
  }, [ended])
  return ended ? null : children
}
