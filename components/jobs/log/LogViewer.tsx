'use client'

import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { Section } from '#components/ui/card.tsx'
import type { Job } from '#lib/training/job.types.ts'
import type { LiveFeed } from '../feed/use-job-feed.ts'
import { LogLines, type LogLinesHandle } from './LogLines.tsx'
import { LogToolbar } from './LogToolbar.tsx'
import { matchesAll } from './log-filter.ts'
import { levelsFrom } from './log-levels.ts'
import type { LogLevel } from './log-store.ts'
import { useEarlierLines } from './use-earlier-lines.ts'
import { useLogFilter } from './use-log-filter.ts'

/** A job's log: follows its end, is searched and filtered as it grows, reaches back page by page. */
export function LogViewer({ job, live }: { job: Job; live: LiveFeed }) {
  const [text, setText] = useState('')
  const [level, setLevel] = useState<LogLevel>('debug')
  const [follow, setFollow] = useState(true)
  const lines = useRef<LogLinesHandle>(null)
  const searched = useDeferredValue(text.trim())
  const query = useMemo(() => ({ text: searched, levels: levelsFrom(level) }), [searched, level])
  const store = live.feed.log
  const view = useLogFilter(store, live.logVersion, query)
  const earlier = useEarlierLines(live, !matchesAll(query))
  return (
    <Section title="Log" className="[&>div:last-child]:p-0 [&>div:last-child]:sm:p-0">
      <LogToolbar
        jobId={job.id}
        store={store}
        view={view}
        text={text}
        onText={setText}
        level={level}
        onLevel={setLevel}
        follow={follow}
        onFollow={(next) => {
          setFollow(next)
          if (next) lines.current?.toEnd()
        }}
        earlier={earlier}
      />
      <LogLines
        ref={lines}
        live={live}
        view={view}
        onEarlier={earlier.loadPage}
        mark={searched}
        follow={follow}
        onFollow={setFollow}
        empty={emptyWords(store.length > 0, live.connection === 'loading')}
      />
    </Section>
  )
}

function emptyWords(anyLines: boolean, loading: boolean): string {
  if (loading) return 'Loading the log.'
  return anyLines ? 'No line matches.' : 'Nothing has been printed yet.'
}
