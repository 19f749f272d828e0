import type { ComponentProps, ReactNode } from 'react'
import { cn } from './class-names.ts'

export function Card({ className, ...rest }: ComponentProps<'div'>) {
  return <div className={cn('rounded-md border bg-card', className)} {...rest} />
}

/** A card with a heading; `aside` stands at the heading's right. Without children it is the heading alone. */
export function Section({
  title,
  description,
  aside,
  className,
  children,
  ...rest
}: Omit<ComponentProps<'section'>, 'title'> & { title: string; description?: ReactNode; aside?: ReactNode }) {
  return (
    <section className={cn('rounded-md border bg-card', className)} aria-label={title} {...rest}>
      <div className="flex flex-wrap items-start justify-between gap-3 px-4 py-3 sm:px-6">
        <div className="grid gap-0.5">
          <h2 className="font-medium text-base">{title}</h2>
          {description ? <p className="text-muted-foreground text-sm">{description}</p> : null}
        </div>
        {aside}
      </div>
      {children ? <div className="border-t p-4 sm:p-6">{children}</div> : null}
    </section>
  )
}
