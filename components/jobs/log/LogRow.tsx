import { memo, type ReactNode } from 'react'
import { cn } from '#components/ui/class-names.ts'
import { occurrences } from './log-filter.ts'
import type { LogLevel } from './log-store.ts'
import { clockOf, readable } from './log-text.ts'

const levelStyles = {
  debug: 'text-muted-foreground',
  info: '',
  warning: 'text-warning',
  error: 'text-danger',
} as const satisfies Record<LogLevel, string>

const levelMarks = { debug: 'D', info: ' ', warning: 'W', error: 'E' } as const satisfies Record<
  LogLevel,
  string
>

interface LogRowProps {
  text: string
  time: number
  level: LogLevel
  /** Said by the runner, not by what it runs. */
  runner: boolean
  mark: string
  top: number
  height: number
}

export const LogRow = memo(function LogRow({ text, time, level, runner, mark, top, height }: LogRowProps) {
  const line = readable(text)
  return (
    <div
      className={cn(
        'absolute top-0 left-0 flex w-max min-w-full gap-3 whitespace-pre px-4 hover:bg-hover sm:px-6',
        levelStyles[level],
      )}
      style={{ height, lineHeight: `${height}px`, transform: `translateY(${top}px)` }}
    >
      <span className="select-none text-muted-foreground">{clockOf(time)}</span>
      <span className="w-2 select-none font-medium" title={level}>
        {levelMarks[level]}
      </span>
      <span>
        {runner && <span className="text-muted-foreground">runner </span>}
        {marked(line, mark)}
      </span>
    </div>
  )
})

function marked(line: string, text: string): ReactNode {
  const found = occurrences(line, text)
  if (found.length === 0) return line
  const parts: ReactNode[] = []
  let from = 0
  for (const [start, end] of found) {
    parts.push(line.slice(from, start))
    parts.push(
      <mark key={start} className="rounded-[2px] bg-warning-soft text-warning outline outline-warning/40">
        {line.slice(start, end)}
      </mark>,
    )
    from = end
  }
  return [...parts, line.slice(from)]
}
