'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'

interface DatasetView {
  tab: string
  /** From 1, as people count. */
  row: number
  raw: boolean
}

const tabs = ['rows', 'statistics', 'problems', 'use', 'activity']

/** What is looked at is in the address, so that a row can be linked to. */
export function useDatasetView() {
  const params = useSearchParams()
  const view = useMemo((): DatasetView => {
    const tab = params.get('tab')
    const row = Number(params.get('row'))
    return {
      tab: tab && tabs.includes(tab) ? tab : 'rows',
      row: Number.isSafeInteger(row) && row > 0 ? row : 1,
      raw: params.get('view') === 'raw',
    }
  }, [params])
  const change = useCallback((next: Partial<DatasetView>) => {
    const search = new URLSearchParams(window.location.search)
    if (next.tab !== undefined) set(search, 'tab', next.tab === 'rows' ? '' : next.tab)
    if (next.row !== undefined) set(search, 'row', next.row === 1 ? '' : String(next.row))
    if (next.raw !== undefined) set(search, 'view', next.raw ? 'raw' : '')
    const text = search.toString()
    window.history.replaceState(null, '', text ? `?${text}` : window.location.pathname)
  }, [])
  return { view, change }
}

function set(search: URLSearchParams, name: string, value: string) {
  if (value) search.set(name, value)
  else search.delete(name)
}
