'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Brand } from '#components/frame/Brand.tsx'
import { PageHeading } from '#components/frame/PageHeading.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { type ApiOperation, getOpenApi } from '#lib/client/openapi.ts'
import { OperationCard } from './OperationCard.tsx'

interface Entry {
  method: string
  path: string
  operation: ApiOperation
}

/** The HTTP contract as a page: what the server says of itself, by the noun that it is about. */
export function ApiReference() {
  const document = useQuery({
    queryKey: ['openapi'],
    queryFn: ({ signal }) => getOpenApi(browserApi, signal),
  })
  const groups = groupByTag(document.data?.paths ?? {})
  return (
    <div className="mx-auto grid max-w-5xl gap-6 p-4 sm:p-6">
      <header className="flex h-8 items-center justify-between">
        <Link href="/datasets" className="rounded-md">
          <Brand />
        </Link>
        <a href="/api/openapi.json" className="text-primary-text text-sm underline underline-offset-4">
          OpenAPI document
        </a>
      </header>
      <main>
        <PageHeading title="HTTP API" description={document.data?.info.description} />
        {document.isPending ? <Skeleton className="h-96" /> : null}
        {document.error ? (
          <ErrorState
            title="The contract could not be read"
            error={document.error}
            retry={() => void document.refetch()}
          />
        ) : null}
        <div className="grid gap-8">
          {groups.map(([tag, entries]) => (
            <section key={tag} aria-label={tag} className="grid gap-2">
              <h2 className="font-medium text-base capitalize">{tag}</h2>
              {entries.map((entry) => (
                <OperationCard
                  key={entry.operation.operationId}
                  serverUrl={document.data?.servers[0]?.url ?? ''}
                  {...entry}
                />
              ))}
            </section>
          ))}
        </div>
      </main>
    </div>
  )
}

function groupByTag(paths: Record<string, Record<string, ApiOperation>>): [string, Entry[]][] {
  const groups = new Map<string, Entry[]>()
  for (const [path, methods] of Object.entries(paths))
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? 'other'
      const entries = groups.get(tag) ?? []
      groups.set(tag, [...entries, { method: method.toUpperCase(), path, operation }])
    }
  return [...groups]
}
