import { EmptyState } from '#components/ui/empty-state.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '#components/ui/table.tsx'
import type { ApiToken } from '#lib/auth/account.types.ts'
import { RevokeToken } from './RevokeToken.tsx'

export function TokenTable({ tokens }: { tokens: readonly ApiToken[] }) {
  if (tokens.length === 0) return <EmptyState className="py-10" title="There is no token yet." />
  return (
    <div className="@container">
      <Table className="table-fixed">
        <caption className="sr-only">API tokens</caption>
        <TableHead>
          <TableRow>
            <TableHeader className="pl-4 sm:pl-6">Name</TableHeader>
            <TableHeader className="hidden w-36 @xl:table-cell">Created</TableHeader>
            <TableHeader className="hidden w-36 @lg:table-cell">Last used</TableHeader>
            <TableHeader className="hidden w-36 @2xl:table-cell">Expires</TableHeader>
            <TableHeader className="w-24 pr-4 sm:pr-6">
              <span className="sr-only">Actions</span>
            </TableHeader>
          </TableRow>
        </TableHead>
        <TableBody>
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </TableBody>
      </Table>
    </div>
  )
}

function TokenRow({ token }: { token: ApiToken }) {
  const lastUsed = token.last_used_at ? <RelativeTime value={token.last_used_at} /> : 'Never'
  const expires = token.expires_at ? <RelativeTime value={token.expires_at} /> : 'Never'
  return (
    <TableRow>
      <TableCell className="pl-4 sm:pl-6">
        <p className="truncate font-medium" title={token.name}>
          <bdi>{token.name}</bdi>
        </p>
        <p className="truncate font-mono text-muted-foreground text-xs">{token.preview}</p>
        <p className="mt-1 text-muted-foreground text-xs @lg:hidden">Last used: {lastUsed}</p>
      </TableCell>
      <TableCell className="hidden truncate text-muted-foreground @xl:table-cell">
        <RelativeTime value={token.created_at} />
      </TableCell>
      <TableCell className="hidden truncate text-muted-foreground @lg:table-cell">{lastUsed}</TableCell>
      <TableCell className="hidden truncate text-muted-foreground @2xl:table-cell">{expires}</TableCell>
      <TableCell className="pr-4 text-right sm:pr-6">
        <RevokeToken token={token} />
      </TableCell>
    </TableRow>
  )
}

export function TokenTableSkeleton() {
  return (
    <Loading label="Loading the tokens">
      <div className="h-9 border-b" />
      <div className="flex h-16 items-center gap-4 px-4 sm:px-6">
        <div className="grid flex-1 gap-2">
          <Skeleton className="h-4 w-32" />
          <Skeleton className="h-3 w-24" />
        </div>
        <Skeleton className="h-8 w-18" />
      </div>
    </Loading>
  )
}
