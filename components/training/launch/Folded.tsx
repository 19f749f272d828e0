import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

interface FoldedProps {
  title: string
  /** What is in it, in a few words. */
  about: string
  /** Opens it, because something in it needs to be seen. */
  open: boolean
  children: ReactNode
}

/** Settings that most people never open. */
export function Folded({ title, about, open, children }: FoldedProps) {
  return (
    <details className="group rounded-md border" {...(open ? { open: true } : {})}>
      <summary className="flex cursor-pointer items-center gap-2 rounded-md px-4 py-3 hover:bg-hover">
        <ChevronRight
          aria-hidden
          className="size-4 shrink-0 text-muted-foreground transition-transform group-open:rotate-90"
        />
        <span className="flex min-w-0 flex-wrap gap-x-2">
          <span className="font-medium">{title}</span>
          <span className="min-w-0 text-muted-foreground">{about}</span>
        </span>
      </summary>
      <div className="border-t p-4">{children}</div>
    </details>
  )
}
