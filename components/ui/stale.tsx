import type { ReactNode } from 'react'
import { cn } from './class-names.ts'

interface StaleProps {
  /** Whether newer data is on its way. */
  stale: boolean
  className?: string
  children: ReactNode
}

/** What stays readable as it was until newer data is there: a line moves along its top, unless that comes at once. */
export function Stale({ stale, className, children }: StaleProps) {
  return (
    <div aria-busy={stale} className={cn('relative', className)}>
      {stale && (
        <div aria-hidden className="absolute inset-x-0 top-0 h-0.5 overflow-hidden rounded-md">
          <div className="h-full w-1/3 animate-sweep bg-primary" />
        </div>
      )}
      {children}
    </div>
  )
}
