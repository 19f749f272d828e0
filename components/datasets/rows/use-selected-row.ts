'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { useDatasetView } from '../detail/use-dataset-view.ts'

const addressPauseMs = 250

interface SelectedRow {
  /** From 0. */
  row: number
  select: (row: number) => void
  /** Shown as it is stored, not as it is read. */
  raw: boolean
  showRaw: (raw: boolean | ((now: boolean) => boolean)) => void
}

/**
 * The row that is looked at, and how. The address follows, but the page hears of that late: a key that is struck twice
 * must not go by it. Of rows it follows after a pause, since browsers refuse to change it at every key.
 */
export function useSelectedRow(total: number): SelectedRow {
  const { view, change } = useDatasetView()
  const [row, setRow] = useState(() => clamp(view.row - 1, total))
  const [raw, setRaw] = useState(view.raw)
  const latestRaw = useRef(view.raw)
  const select = useCallback((wanted: number) => setRow(clamp(wanted, total)), [total])
  const showRaw = useCallback<SelectedRow['showRaw']>(
    (wanted) => {
      latestRaw.current = typeof wanted === 'function' ? wanted(latestRaw.current) : wanted
      setRaw(latestRaw.current)
      change({ raw: latestRaw.current })
    },
    [change],
  )
  useEffect(() => {
    if (row === view.row - 1) return
    const timer = setTimeout(() => change({ row: row + 1 }), addressPauseMs)
    return () => clearTimeout(timer)
  }, [row, view.row, change])
  return { row, select, raw, showRaw }
}

function clamp(row: number, total: number): number {
  return Math.max(0, Math.min(row, total - 1))
}
