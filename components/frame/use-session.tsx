'use client'

import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext } from 'react'
import type { Session } from '#lib/auth/account.types.ts'
import { getSession } from '#lib/client/account.ts'
import { browserApi } from '#lib/client/browser-api.ts'

export const sessionKey = ['session'] as const

const Seed = createContext<Session | undefined>(undefined)

/** What the server knew when it made the page, so that nothing has to wait for being asked again. */
export function SessionSeed({ session, children }: { session: Session; children: ReactNode }) {
  return <Seed value={session}>{children}</Seed>
}

export function useSession() {
  const seed = useContext(Seed)
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => getSession(browserApi, signal),
    staleTime: 60_000,
    ...(seed ? { initialData: seed } : {}),
  })
}
