'use client'

import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { isTyping } from '#components/frame/is-typing.ts'
import { Input } from '#components/ui/input.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import type { DatasetListQuery } from '#lib/client/datasets.ts'
import { datasetFormats } from '#lib/training/dataset.types.ts'
import { formatLabels } from '../format-labels.ts'

const orders = [
  ['', 'Newest first'],
  ['name', 'By name'],
  ['size', 'Largest first'],
  ['examples', 'Most examples first'],
] as const
const typingPauseMs = 250

export interface ListToolbarProps {
  view: DatasetListQuery
  change: (name: 'format' | 'search' | 'sort', value: string) => void
}

export function ListToolbar({ view, change }: ListToolbarProps) {
  const input = useSearchKey()
  const [typed, setTyped] = useTyped(view.search ?? '', (value) => change('search', value))
  return (
    <search className="flex flex-wrap items-center gap-2">
      <div className="relative min-w-44 flex-1">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted-foreground"
        />
        <Input
          ref={input}
          type="search"
          aria-label="Search datasets"
          placeholder="Search datasets"
          className="pl-8"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      </div>
      <NativeSelect
        aria-label="Show only"
        className="min-w-36 flex-1 sm:flex-none"
        value={view.format ?? ''}
        onChange={({ target }) => change('format', target.value)}
      >
        <option value="">All formats</option>
        {datasetFormats.map((format) => (
          <option key={format} value={format}>
            {formatLabels[format]}
          </option>
        ))}
      </NativeSelect>
      <NativeSelect
        aria-label="Order"
        className="min-w-36 flex-1 sm:flex-none"
        value={view.sort === 'created_at' ? '' : (view.sort ?? '')}
        onChange={({ target }) => change('sort', target.value)}
      >
        {orders.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </NativeSelect>
    </search>
  )
}

/** What stands in the field at once, and what is searched for after a pause. */
function useTyped(current: string, search: (value: string) => void): [string, (value: string) => void] {
  const [typed, setTyped] = useState(current)
  const searched = useRef(current)
  useEffect(() => {
    if (current === searched.current) return
    searched.current = current
    setTyped(current)
  }, [current])
  useEffect(() => {
    if (typed.trim() === searched.current) return
    const timer = setTimeout(() => {
      searched.current = typed.trim()
      search(typed.trim())
    }, typingPauseMs)
    return () => clearTimeout(timer)
  })
  return [typed, setTyped]
}

/** `/` goes to the search field. */
function useSearchKey() {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== '/' || isTyping(event)) return
      event.preventDefault()
      input.current?.focus()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return input
}
