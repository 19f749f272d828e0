import Link from 'next/link'
import { Bytes, Count, Unknown } from '#components/ui/measured.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { Stale } from '#components/ui/stale.tsx'
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '#components/ui/table.tsx'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { formatLabels } from '../format-labels.ts'
import { StatusBadge } from '../StatusBadge.tsx'
import { StoreBadge } from '../StoreBadge.tsx'
import { DatasetMenu } from './DatasetMenu.tsx'

/** Columns go as the table gets narrower; what they said moves under the name. */
export function DatasetTable({ datasets, stale }: { datasets: Dataset[]; stale: boolean }) {
  return (
    <Stale stale={stale} className="@container rounded-md border bg-card">
      <Table className="table-fixed">
        <caption className="sr-only">Datasets</caption>
        <TableHead>
          <TableRow>
            <TableHeader className="pl-4">Dataset</TableHeader>
            <TableHeader className="hidden w-32 @lg:table-cell">Store</TableHeader>
            <TableHeader className="hidden w-40 @4xl:table-cell">Format</TableHeader>
            <TableHeader numeric className="hidden w-28 @2xl:table-cell">
              Examples
            </TableHeader>
            <TableHeader numeric className="hidden w-24 @xl:table-cell">
              Size
            </TableHeader>
            <TableHeader className="hidden w-32 @3xl:table-cell">Added</TableHeader>
            <TableHeader className="w-14">
              <span className="sr-only">Actions</span>
            </TableHeader>
          </TableRow>
        </TableHead>
        <TableBody>
          {datasets.map((dataset) => (
            <DatasetRow key={dataset.id} dataset={dataset} />
          ))}
        </TableBody>
      </Table>
    </Stale>
  )
}

function DatasetRow({ dataset }: { dataset: Dataset }) {
  const { id, name, description, format, status, storage_provider, total_examples, created_at } = dataset
  const tokens = dataset.metadata.report?.statistics?.tokens?.total ?? null
  return (
    <TableRow className="relative hover:bg-hover">
      <TableCell className="pl-4">
        <div className="flex min-w-0 items-center gap-2">
          <Link
            href={`/datasets/${id}`}
            title={name}
            dir="auto"
            className="min-w-0 truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-md focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ring"
          >
            <bdi>{name}</bdi>
          </Link>
          <StatusBadge status={status} />
        </div>
        {description ? (
          <p dir="auto" className="truncate text-muted-foreground text-xs">
            <bdi>{description}</bdi>
          </p>
        ) : null}
        <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-muted-foreground text-xs @3xl:hidden">
          <span className="@lg:hidden">
            <StoreBadge provider={storage_provider} />
          </span>
          {format ? <span className="@4xl:hidden">{formatLabels[format]}</span> : null}
          <span className="@2xl:hidden">
            <Count value={total_examples} /> examples
          </span>
          {tokens === null ? null : (
            <span className="@2xl:hidden">
              <Count value={tokens} compact /> tokens
            </span>
          )}
          <span className="@xl:hidden">
            <Bytes value={dataset.file_size_bytes} />
          </span>
          <RelativeTime value={created_at} />
        </div>
      </TableCell>
      <TableCell className="hidden @lg:table-cell">
        <StoreBadge provider={storage_provider} />
      </TableCell>
      <TableCell className="hidden @4xl:table-cell">{format ? formatLabels[format] : <Unknown />}</TableCell>
      <TableCell numeric className="hidden @2xl:table-cell">
        <Count value={total_examples} />
        {tokens === null ? null : (
          <span className="block text-muted-foreground text-xs">
            <Count value={tokens} compact /> tokens
          </span>
        )}
      </TableCell>
      <TableCell numeric className="hidden @xl:table-cell">
        <Bytes value={dataset.file_size_bytes} />
      </TableCell>
      <TableCell className="hidden truncate text-muted-foreground @3xl:table-cell">
        <RelativeTime value={created_at} />
      </TableCell>
      <TableCell className="relative pr-3 pl-0 text-right">
        <DatasetMenu dataset={dataset} />
      </TableCell>
    </TableRow>
  )
}
