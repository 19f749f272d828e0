'use client'

import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import { Button } from '#components/ui/button.tsx'
import { cn } from '#components/ui/class-names.ts'
import { ErrorState } from '#components/ui/error-state.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { formatCount } from '#lib/display/number-format.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { RowJump } from './RowJump.tsx'
import { useRowPages } from './row-pages.ts'
import { lineOf } from './row-parts.ts'

const rowHeight = 36
/** As many as fit below the greatest height that browsers lay out; beyond, the list goes on in another part. */
const partRows = 250_000
const previewCharacters = 160

export interface RowListProps {
  dataset: Dataset
  total: number
  selected: number
  onSelect: (row: number) => void
  /** Why rows cannot be read stands beside the list already. */
  saidElsewhere: boolean
}

/** One line a row. Only those that can be seen are in the page, and only they are fetched. */
export function RowList({ dataset, total, selected, onSelect, saidElsewhere }: RowListProps) {
  const id = useId()
  const frame = useRef<HTMLDivElement>(null)
  const partStart = Math.floor(selected / partRows) * partRows
  const count = Math.min(partRows, total - partStart)
  const lines = useVirtualizer({
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    initialOffset: Math.max(0, (selected - partStart - 3) * rowHeight),
  })
  useEffect(() => {
    lines.scrollToIndex(selected - partStart, { align: 'auto' })
  }, [lines, selected, partStart])

  const items = lines.getVirtualItems()
  const from = partStart + (items[0]?.index ?? 0)
  const to = partStart + (items.at(-1)?.index ?? 0)
  const pages = useRowPages(dataset, from, to)
  const move = moveBy(frame, selected, total)
  return (
    <div className="flex min-h-0 min-w-0 flex-col border-b @2xl:border-r @2xl:border-b-0">
      <RowJump total={total} selected={selected} onSelect={onSelect} />
      {pages.error && !saidElsewhere ? (
        <ErrorState className="m-3" error={pages.error} title="Rows could not be read" retry={pages.retry} />
      ) : null}
      {partStart > 0 ? <PartLink row={partStart - 1} word="Rows before" onSelect={onSelect} /> : null}
      <div
        ref={frame}
        role="listbox"
        aria-label="Rows"
        tabIndex={0}
        aria-activedescendant={selected >= from && selected <= to ? `${id}-${selected}` : undefined}
        onKeyDown={(event) => {
          const row = move(event)
          if (row === null) return
          event.preventDefault()
          onSelect(row)
        }}
        className="h-56 overflow-y-auto overscroll-contain focus-visible:-outline-offset-2 @2xl:h-auto @2xl:min-h-0 @2xl:flex-1"
      >
        <div className="relative" style={{ height: lines.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = partStart + index
            const value = pages.rowAt(row)
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
              <div
                key={row}
                id={`${id}-${row}`}
                role="option"
                tabIndex={-1}
                aria-selected={row === selected}
                aria-posinset={row + 1}
                aria-setsize={total}
                onClick={() => onSelect(row)}
                style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                className={cn(
                  'absolute inset-x-0 top-0 flex cursor-pointer items-center gap-3 border-b px-3 outline-none',
                  row === selected ? 'bg-primary-soft' : 'hover:bg-hover',
                )}
              >
                <span className="min-w-8 text-right font-mono text-muted-foreground text-xs">
                  {formatCount(row + 1)}
                </span>
                {value === undefined ? (
                  <Skeleton className="h-3.5 w-40" />
                ) : (
                  <span dir="auto" className="min-w-0 flex-1 truncate text-xs">
                    {previewOf(lineOf(value))}
                  </span>
                )}
              </div>
            )
          })}
        </div>
      </div>
      {partStart + count < total ? (
        <PartLink row={partStart + count} word="Rows after" onSelect={onSelect} />
      ) : null}
    </div>
  )
}

function PartLink({ row, word, onSelect }: { row: number; word: string; onSelect: (row: number) => void }) {
  return (
    <Button variant="ghost" size="sm" className="m-1 font-normal" onClick={() => onSelect(row)}>
      {word} {formatCount(row + 1)}
    </Button>
  )
}

function previewOf(text: string): string {
  return text.slice(0, previewCharacters).replaceAll(/\s+/g, ' ')
}

/** Where a key leads, or null when it is none of the list's. */
function moveBy(frame: { current: HTMLElement | null }, selected: number, total: number) {
  return ({ key }: KeyboardEvent): number | null => {
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? rowHeight) / rowHeight) - 1)
    if (key === 'ArrowDown') return selected + 1
    if (key === 'ArrowUp') return selected - 1
    if (key === 'PageDown') return selected + page
    if (key === 'PageUp') return selected - page
    if (key === 'Home') return 0
    if (key === 'End') return total - 1
    return null
  }
}
