'use client'

import { Progress as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'

export interface ProgressProps extends Omit<ComponentProps<typeof Primitive.Root>, 'value'> {
  /** From 0 to 1; null where nobody knows. */
  value: number | null
  label: string
}

export function Progress({ value, label, className, ...rest }: ProgressProps) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 1000) / 10
  return (
    <Primitive.Root
      value={percent}
      aria-label={label}
      className={cn('h-1.5 w-full overflow-hidden rounded-full bg-hover', className)}
      {...rest}
    >
      <Primitive.Indicator
        className={cn('h-full origin-left bg-primary', percent === null && 'w-1/3 animate-pulse')}
        style={percent === null ? undefined : { transform: `scaleX(${percent / 100})` }}
      />
    </Primitive.Root>
  )
}
