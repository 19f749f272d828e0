'use client'

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Section } from '#components/ui/card.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import type { ApiTokenCreated } from '#lib/auth/account.types.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { listTokens } from '#lib/client/tokens.ts'
import { NewToken } from './NewToken.tsx'
import { NewTokenForm } from './NewTokenForm.tsx'
import { TokenTable, TokenTableSkeleton } from './TokenTable.tsx'
import { tokensKey } from './tokens-key.ts'

export function TokensScreen() {
  const [created, setCreated] = useState<ApiTokenCreated | null>(null)
  const tokens = useQuery({
    queryKey: tokensKey,
    queryFn: ({ signal }) => listTokens(browserApi, signal),
  })
  return (
    <>
      <Section
        title="New token"
        description="For the command line, notebooks and scripts. It may do all that you may do."
      >
        {created ? (
          <NewToken token={created} onDone={() => setCreated(null)} />
        ) : (
          <NewTokenForm onCreated={setCreated} />
        )}
      </Section>
      <Section title="Tokens" className="[&>div:last-child]:p-0 sm:[&>div:last-child]:p-0">
        {tokens.data ? (
          <TokenTable tokens={tokens.data.tokens} />
        ) : tokens.isError ? (
          <ErrorState
            className="m-4"
            title="The tokens could not be loaded"
            error={tokens.error}
            retry={() => tokens.refetch()}
          />
        ) : (
          <TokenTableSkeleton />
        )}
      </Section>
    </>
  )
}
