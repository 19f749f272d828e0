'use client'

import { ArrowDownToLine, Download, Search } from 'lucide-react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { copyText } from '#components/ui/copy-text.ts'
import { Input } from '#components/ui/input.tsx'
import { Select, SelectContent, SelectItem, SelectTrigger } from '#components/ui/select.tsx'
import { browserApi } from '#lib/client/browser-api.ts'
import { jobLogUrl } from '#lib/client/job-history.ts'
import { formatCount, formatPlural } from '#lib/display/number-format.ts'
import { levelChoices } from './log-levels.ts'
import type { LogLevel, LogStore } from './log-store.ts'
import { logText } from './log-text.ts'
import type { EarlierLines } from './use-earlier-lines.ts'
import type { LogView } from './use-log-filter.ts'

const copiedLinesMax = 100_000

interface LogToolbarProps {
  jobId: string
  store: LogStore
  view: LogView
  text: string
  onText: (text: string) => void
  level: LogLevel
  onLevel: (level: LogLevel) => void
  follow: boolean
  onFollow: (follow: boolean) => void
  earlier: EarlierLines
}

export function LogToolbar(props: LogToolbarProps) {
  const { jobId, store, view, text, onText, level, onLevel, follow, onFollow } = props
  const { earlier } = props
  const filtered = view.length !== store.length || view.searching
  const copy = async () => {
    const from = Math.max(0, view.length - copiedLinesMax)
    const copied = await copyText(logText(store, view, from), 'Download the log instead.')
    if (copied) toast(`${formatPlural(view.length - from, 'line')} copied`)
  }
  return (
    <div className="grid gap-2 border-b px-4 py-3 sm:px-6">
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative min-w-40 flex-1 basis-48">
          <Search
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted-foreground"
          />
          <Input
            type="search"
            aria-label="Search the log"
            placeholder="Search"
            value={text}
            onChange={(event) => onText(event.currentTarget.value)}
            className="h-8 pl-8"
          />
        </div>
        <Select value={level} onValueChange={(value) => onLevel(value as LogLevel)}>
          <SelectTrigger aria-label="Levels" className="h-8 w-auto" />
          <SelectContent>
            {levelChoices.map((choice) => (
              <SelectItem key={choice.value} value={choice.value}>
                {choice.label}
              </SelectItem>
            ))}
          </SelectContent>
        </Select>
        <Button aria-pressed={follow} onClick={() => onFollow(!follow)} className="aria-pressed:bg-hover">
          <ArrowDownToLine aria-hidden />
          Follow
        </Button>
        <Button onClick={copy} disabled={view.length === 0}>
          Copy
        </Button>
        <Button asChild>
          <a href={jobLogUrl(browserApi, jobId)} download>
            <Download aria-hidden />
            Download
          </a>
        </Button>
      </div>
      <p className="flex min-h-7 flex-wrap items-center gap-x-3 text-muted-foreground text-xs">
        <span>{countWords(store, view)}</span>
        {earlier.exist && !filtered && (
          <Button variant="link" size="sm" onClick={earlier.loadPage} busy={earlier.loading}>
            Load earlier lines
          </Button>
        )}
        {earlier.exist && filtered && (
          <Button variant="link" size="sm" onClick={() => earlier.setLoadingAll(!earlier.loadingAll)}>
            {earlier.loadingAll ? 'Stop' : 'Search the earlier lines too'}
          </Button>
        )}
      </p>
    </div>
  )
}

function countWords(store: LogStore, view: LogView): string {
  if (view.searching) return `Searching ${formatPlural(store.length, 'line')}`
  if (view.length === store.length) return formatPlural(store.length, 'line')
  return `${formatCount(view.length)} of ${formatPlural(store.length, 'line')} match`
}
