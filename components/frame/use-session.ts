'use client'

import { useQuery } from '@tanstack/react-query'
import { getSession } from '#lib/client/account.ts'
import { browserApi } from '#lib/client/browser-api.ts'

export const sessionKey = ['session'] as const

export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => getSession(browserApi, signal),
    staleTime: 60_000,
  })
}
