'use client'

import { useCallback, useEffect, useState } from 'react'
import { useDatasetView } from '../detail/use-dataset-view.ts'

const addressPauseMs = 250

/** The row that is looked at, from 0. The address follows after a pause: browsers refuse to change it at every key. */
export function useSelectedRow(total: number): [number, (row: number) => void] {
  const { view, change } = useDatasetView()
  const [selected, setSelected] = useState(() => clamp(view.row - 1, total))
  const select = useCallback((row: number) => setSelected(clamp(row, total)), [total])
  useEffect(() => {
    if (selected === view.row - 1) return
    const timer = setTimeout(() => change({ row: selected + 1 }), addressPauseMs)
    return () => clearTimeout(timer)
  }, [selected, view.row, change])
  return [selected, select]
}

function clamp(row: number, total: number): number {
  return Math.max(0, Math.min(row, total - 1))
}
