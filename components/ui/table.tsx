import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'

/** Scrolls by itself where it is wider than its place; the page never does. */
export function Table({ className, ...rest }: ComponentProps<'table'>) {
  return (
    <div className="relative overflow-x-auto">
      <table className={cn('w-full border-collapse text-left text-sm', className)} {...rest} />
    </div>
  )
}

export function TableHead({ className, ...rest }: ComponentProps<'thead'>) {
  return <thead className={cn('border-b', className)} {...rest} />
}

export function TableBody({ className, ...rest }: ComponentProps<'tbody'>) {
  return <tbody className={cn('[&>tr:not(:last-child)]:border-b', className)} {...rest} />
}

export function TableRow({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr className={className} {...rest} />
}

export function TableHeader({
  className,
  numeric,
  scope = 'col',
  ...rest
}: ComponentProps<'th'> & { numeric?: boolean }) {
  return (
    <th
      scope={scope}
      className={cn(
        'h-9 whitespace-nowrap px-3 font-normal text-muted-foreground text-xs',
        numeric && 'text-right',
        className,
      )}
      {...rest}
    />
  )
}

export function TableCell({ className, numeric, ...rest }: ComponentProps<'td'> & { numeric?: boolean }) {
  return (
    <td
      className={cn('px-3 py-2.5 align-middle', numeric && 'whitespace-nowrap text-right', className)}
      {...rest}
    />
  )
}
