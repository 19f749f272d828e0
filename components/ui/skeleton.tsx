import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'

/** Stands where something will be, in its size. */
export function Skeleton({ className, ...rest }: ComponentProps<'div'>) {
  return <div aria-hidden className={cn('animate-pulse rounded-md bg-hover', className)} {...rest} />
}

/** Wraps skeletons, so that a screen reader hears one word instead of nothing. */
export function Loading({
  label = 'Loading',
  className,
  children,
  ...rest
}: ComponentProps<'div'> & { label?: string }) {
  return (
    <div role="status" className={className} {...rest}>
      <span className="sr-only">{label}</span>
      {children}
    </div>
  )
}
