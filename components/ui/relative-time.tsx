'use client'

import { useSyncExternalStore } from 'react'
import { formatAbsolute, formatRelative } from '#lib/display/time-format.ts'

const everyMs = 15_000
let now = 0

function subscribe(changed: () => void) {
  const timer = setInterval(() => {
    now = Date.now()
    changed()
  }, everyMs)
  return () => clearInterval(timer)
}
function readNow() {
  if (Date.now() - now > everyMs) now = Date.now()
  return now
}

/** A time as people say it, kept current; the exact one on hover. */
export function RelativeTime({ value, className }: { value: string; className?: string }) {
  const date = new Date(value)
  // The server does not know the reader's clock: it renders the plain date.
  const current = useSyncExternalStore(subscribe, readNow, () => null)
  return (
    <time dateTime={value} title={current === null ? undefined : formatAbsolute(date)} className={className}>
      {current === null ? value.slice(0, 10) : formatRelative(date, new Date(current))}
    </time>
  )
}
