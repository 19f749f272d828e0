'use client'

import { EmptyState } from '#components/ui/empty-state.tsx'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { RowDetail } from './RowDetail.tsx'
import { RowList } from './RowList.tsx'
import { useRowPages } from './row-pages.ts'
import { useRowKeys } from './use-row-keys.ts'
import { useSelectedRow } from './use-selected-row.ts'

/** All rows of a dataset of any size: a list to find one in, and the one as a person or a program reads it. */
export function RowBrowser({ dataset }: { dataset: Dataset }) {
  const total = dataset.total_examples ?? 0
  const { row: selected, select, raw, showRaw } = useSelectedRow(total)
  const { error } = useRowPages(dataset, selected, selected)
  useRowKeys({
    onMove: (by) => select(selected + by),
    onRaw: () => showRaw((now) => !now),
  })
  if (total === 0) return <EmptyState title="There are no rows." />
  return (
    <div className="@container">
      <div className="grid rounded-md border bg-card @2xl:h-[calc(100dvh-10rem)] @2xl:min-h-96 @2xl:grid-cols-[15rem_minmax(0,1fr)] @4xl:grid-cols-[19rem_minmax(0,1fr)]">
        <RowList
          dataset={dataset}
          total={total}
          selected={selected}
          onSelect={select}
          saidElsewhere={error !== null}
        />
        <RowDetail
          dataset={dataset}
          total={total}
          selected={selected}
          onSelect={select}
          raw={raw}
          onRaw={showRaw}
        />
      </div>
    </div>
  )
}
