'use client'

import { Download, Ellipsis, Link2, Pencil, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { Button, buttonStyle } from '#components/ui/button.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '#components/ui/dropdown-menu.tsx'
import { Bytes } from '#components/ui/measured.tsx'
import { RelativeTime } from '#components/ui/relative-time.tsx'
import { formatBytes, formatCompact, formatCount, formatPlural } from '#lib/display/number-format.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { DeleteDatasetDialog } from '../DeleteDatasetDialog.tsx'
import { formatLabels } from '../format-labels.ts'
import { StatusBadge } from '../StatusBadge.tsx'
import { StoreBadge } from '../StoreBadge.tsx'
import { useDownload } from '../use-download.ts'
import { EditDatasetDialog } from './EditDatasetDialog.tsx'

/** What it is, in a line; what can be done with it. */
export function DatasetHead({ dataset }: { dataset: Dataset }) {
  const { name, description, format, status, total_examples: examples, raw_size_bytes: rawBytes } = dataset
  const tokens = dataset.metadata.report?.statistics?.tokens
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="grid min-w-0 flex-1 basis-80 gap-2">
        <h1 className="break-words font-medium text-lg">
          <bdi>{name}</bdi>
        </h1>
        {description ? (
          <p className="max-w-prose whitespace-pre-line break-words text-muted-foreground">
            <bdi>{description}</bdi>
          </p>
        ) : null}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted-foreground">
          <StoreBadge provider={dataset.storage_provider} />
          <StatusBadge status={status} />
          {format ? <span>{formatLabels[format]}</span> : null}
          {examples === null ? null : <span>{formatPlural(examples, 'example')}</span>}
          {tokens ? (
            <span title={`${formatCount(tokens.total)} tokens of ${tokens.tokenizer}`}>
              {formatCompact(tokens.total)} tokens
            </span>
          ) : null}
          {dataset.file_size_bytes === null ? null : (
            <span title={rawBytes === null ? undefined : `${formatBytes(rawBytes)} before compression`}>
              <Bytes value={dataset.file_size_bytes} />
            </span>
          )}
          <span>
            added <RelativeTime value={dataset.created_at} />
          </span>
        </div>
      </div>
      <HeadActions dataset={dataset} />
    </div>
  )
}

function HeadActions({ dataset }: { dataset: Dataset }) {
  const router = useRouter()
  const { download, copyLink } = useDownload(dataset)
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null)
  const ready = dataset.status === 'ready'
  const toggle = (which: 'edit' | 'delete') => (on: boolean) => setOpen(on ? which : null)
  return (
    <div className="flex flex-wrap gap-2">
      <WhenReady ready={ready}>
        <Link href={`/training?dataset=${dataset.id}`} className={buttonStyle({ variant: 'primary' })}>
          Train on it
        </Link>
        <Button busy={download.isPending} onClick={() => download.mutate()}>
          <Download aria-hidden />
          Download
        </Button>
      </WhenReady>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button size="icon" aria-label="More">
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem disabled={!ready} onSelect={() => copyLink.mutate()}>
            <Link2 aria-hidden />
            Copy link for 2 hours
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => setOpen('edit')}>
            <Pencil aria-hidden />
            Rename or describe
          </DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem danger onSelect={() => setOpen('delete')}>
            <Trash2 aria-hidden />
            Delete
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <EditDatasetDialog dataset={dataset} open={open === 'edit'} onOpenChange={toggle('edit')} />
      <DeleteDatasetDialog
        dataset={dataset}
        open={open === 'delete'}
        onOpenChange={toggle('delete')}
        onDeleted={() => router.push('/datasets')}
      />
    </div>
  )
}

function WhenReady({ ready, children }: { ready: boolean; children: ReactNode }) {
  return ready ? children : null
}
