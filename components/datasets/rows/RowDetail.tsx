'use client'

import { ChevronDown, ChevronUp, Link2 } from 'lucide-react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { copyText } from '#components/ui/copy-text.ts'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Segments } from '#components/ui/segments.tsx'
import { Loading, Skeleton } from '#components/ui/skeleton.tsx'
import { formatCount } from '#lib/display/number-format.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { LongText } from './LongText.tsx'
import { RowView } from './RowView.tsx'
import { useRowPages } from './row-pages.ts'

interface RowDetailProps {
  dataset: Dataset
  total: number
  selected: number
  onSelect: (row: number) => void
  raw: boolean
  onRaw: (raw: boolean) => void
}

const views = [
  { value: 'read', label: 'Read' },
  { value: 'raw', label: 'Raw' },
] as const

export function RowDetail({ dataset, total, selected, onSelect, raw, onRaw }: RowDetailProps) {
  const pages = useRowPages(dataset, selected, selected)
  const row = pages.rowAt(selected)
  const number = formatCount(selected + 1)
  async function copyLink() {
    const url = new URL(window.location.href)
    url.searchParams.delete('tab')
    url.searchParams.set('row', String(selected + 1))
    if (await copyText(url.href)) toast.success(`Link to row ${number} copied`)
  }
  return (
    <section aria-label="The row" className="flex min-h-0 min-w-0 flex-col">
      <div className="flex flex-wrap items-center gap-1 border-b px-3 py-1.5">
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Row before"
          aria-keyshortcuts="k"
          disabled={selected === 0}
          onClick={() => onSelect(selected - 1)}
        >
          <ChevronUp aria-hidden />
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Next row"
          aria-keyshortcuts="j"
          disabled={selected === total - 1}
          onClick={() => onSelect(selected + 1)}
        >
          <ChevronDown aria-hidden />
        </Button>
        <h2 aria-live="polite" className="mr-auto ml-1">
          Row {number}
        </h2>
        <Segments
          label="Show the row"
          options={views}
          value={raw ? 'raw' : 'read'}
          onValue={(value) => onRaw(value === 'raw')}
        />
        <Button variant="ghost" size="icon-sm" aria-label="Copy link to this row" onClick={copyLink}>
          <Link2 aria-hidden />
        </Button>
        {row === undefined ? null : <CopyButton value={JSON.stringify(row)} what="row as JSON" />}
      </div>
      <section
        key={selected}
        aria-label={`Content of row ${number}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="min-h-64 overflow-y-auto overscroll-contain p-4 focus-visible:-outline-offset-2 @2xl:min-h-0 @2xl:flex-1"
      >
        {row !== undefined ? (
          raw ? (
            <pre className="whitespace-pre-wrap wrap-anywhere font-mono text-xs leading-5">
              <LongText text={JSON.stringify(row, null, 2)} />
            </pre>
          ) : (
            <RowView row={row} />
          )
        ) : pages.error ? (
          <ErrorState error={pages.error} title="The row could not be read" retry={pages.retry} />
        ) : (
          <Loading label="Loading the row" className="grid gap-3">
            <Skeleton className="h-4 w-2/3" />
            <Skeleton className="h-4" />
            <Skeleton className="h-4 w-1/2" />
          </Loading>
        )}
      </section>
    </section>
  )
}
