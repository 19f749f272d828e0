import { useEffect, useMemo, useReducer } from 'react'
import { LogFilter, type LogQuery, matchesAll } from './log-filter.ts'
import type { LogStore } from './log-store.ts'

const linesPerSlice = 20_000

/** Lines to show, by their place in the list. */
export interface LogView {
  length: number
  position: (index: number) => number
  /** Lines of which it is not yet known whether they match. */
  searching: boolean
}

/** What of the log matches. Long logs are searched in slices, between which the page can do other things. */
export function useLogFilter(store: LogStore, version: number, query: LogQuery): LogView {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const all = matchesAll(query)
  const filter = useMemo(() => (all ? null : new LogFilter(store, query)), [store, query, all])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version means new lines to look at
  useEffect(() => {
    if (!filter || filter.done) return
    let timer: ReturnType<typeof setTimeout>
    const slice = () => {
      if (!filter.scan(linesPerSlice)) timer = setTimeout(slice, 0)
      redraw()
    }
    slice()
    return () => clearTimeout(timer)
  }, [filter, version])
  if (!filter) return { length: store.length, position: (index) => store.start + index, searching: false }
  return { length: filter.length, position: (index) => filter.position(index), searching: !filter.done }
}
