import type { ReactNode } from 'react'
import { cn } from './class-names.ts'

export interface EmptyStateProps {
  /** One sentence. */
  title: string
  children?: ReactNode
  /** One button, and perhaps a quiet second. */
  actions?: ReactNode
  icon?: ReactNode
  className?: string
}

export function EmptyState({ title, children, actions, icon, className }: EmptyStateProps) {
  return (
    <div className={cn('grid justify-items-center gap-4 px-6 py-16 text-center', className)}>
      {icon ? <div className="text-muted-foreground [&_svg]:size-6">{icon}</div> : null}
      <div className="grid max-w-md gap-1">
        <p className="text-base">{title}</p>
        {children ? <div className="text-muted-foreground">{children}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap justify-center gap-2">{actions}</div> : null}
    </div>
  )
}
