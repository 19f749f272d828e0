'use client'

import { useVirtualizer } from '@tanstack/react-virtual'
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react'
import { cn } from '#components/ui/class-names.ts'
import type { LiveFeed } from '../feed/use-job-feed.ts'
import { LogRow } from './LogRow.tsx'
import type { LogView } from './use-log-filter.ts'

/** A million lines of it stay below the greatest height that browsers lay out, which is 17.9 million in Firefox. */
const lineHeight = 17
const endSlack = 2 * lineHeight

export interface LogLinesHandle {
  toEnd: () => void
}

interface LogLinesProps {
  ref: Ref<LogLinesHandle>
  live: LiveFeed
  view: LogView
  /** Marked wherever it occurs. */
  mark: string
  follow: boolean
  onFollow: (follow: boolean) => void
  /** The reader has come to the first line that is there. */
  onEarlier: () => void
  empty: string
}

/** Only the lines that can be seen are in the page. */
export function LogLines({ ref, live, view, mark, follow, onFollow, onEarlier, empty }: LogLinesProps) {
  const frame = useRef<HTMLElement>(null)
  const store = live.feed.log
  const lines = useVirtualizer({
    count: view.length,
    getScrollElement: () => frame.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  })
  const toEnd = () => frame.current?.scrollTo({ top: frame.current.scrollHeight })
  useImperativeHandle(ref, () => ({ toEnd }))

  // biome-ignore lint/correctness/useExhaustiveDependencies: every new line moves the end
  useEffect(() => {
    if (follow) toEnd()
  }, [follow, view.length])

  // Lines that come in front push the others down: what is being read stays where it is.
  const first = useRef(store.start)
  useLayoutEffect(() => {
    const added = first.current - store.start
    first.current = store.start
    if (added > 0 && !follow && view.length === store.length)
      frame.current?.scrollBy({ top: added * lineHeight })
  })

  const scrolled = () => {
    const element = frame.current
    if (!element) return
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < endSlack
    if (atEnd !== follow && element.scrollHeight > element.clientHeight) onFollow(atEnd)
    if (element.scrollTop < lineHeight && !atEnd) onEarlier()
  }
  const ended = live.connection === 'ended'
  return (
    <section
      ref={frame}
      aria-label="Log lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={scrolled}
      className={cn(
        'relative h-[28rem] max-h-[70dvh] overflow-auto overscroll-contain rounded-b-md bg-muted font-mono text-xs [overflow-anchor:none] focus-visible:-outline-offset-2',
      )}
    >
      {view.length === 0 && <p className="p-4 font-sans text-muted-foreground text-sm sm:px-6">{empty}</p>}
      <div className="relative w-max min-w-full" style={{ height: lines.getTotalSize() }}>
        {lines.getVirtualItems().map((item) => {
          const position = view.position(item.index)
          return (
            <LogRow
              key={position}
              text={store.text(position)}
              time={store.time(position)}
              level={store.level(position)}
              runner={store.stream(position) === 'runner'}
              mark={mark}
              top={item.start}
              height={lineHeight}
            />
          )
        })}
      </div>
      {ended && <span className="sr-only">End of the log</span>}
    </section>
  )
}
