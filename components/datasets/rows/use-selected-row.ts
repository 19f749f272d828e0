'use client'

import { useCallback, useEffect, useState } from 'react'
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
 * The row that is looked at, and how. The address follows after a pause: browsers refuse to change it at every key, and
 * a key that is struck twice finds it as it was.
 */
export function useSelectedRow(total: number): SelectedRow {
  const { view, change } = useDatasetView()
  const [row, setRow] = useState(() => clamp(view.row - 1, total))
  const [raw, showRaw] = useState(view.raw)
  const select = useCallback((wanted: number) => setRow(clamp(wanted, total)), [total])
  useEffect(() => {
    if (row === view.row - 1 && raw === view.raw) return
    const timer = setTimeout(() => change({ row: row + 1, raw }), addressPauseMs)
    return () => clearTimeout(timer)
  }, [row, raw, view, change])
  return { row, select, raw, showRaw }
}

function clamp(row: number, total: number): number {
  return Math.max(0, Math.min(row, total - 1))
}
