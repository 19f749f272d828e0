'use client'

import { RadioGroup as Primitive } from 'radix-ui'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './class-names.ts'

export function RadioGroup({ className, ...rest }: ComponentProps<typeof Primitive.Root>) {
  return <Primitive.Root className={cn('grid gap-3', className)} {...rest} />
}

export interface RadioCardProps extends Omit<ComponentProps<typeof Primitive.Item>, 'children'> {
  /** Exactly the accessible name of the radio. */
  label: string
  icon?: ReactNode
  aside?: ReactNode
  /** Described to screen readers; may hold links, which stay usable when the card is disabled. */
  children?: ReactNode
}

/** A whole card that chooses. What stands in it besides the label is its description. */
export function RadioCard({ label, icon, aside, children, className, disabled, ...rest }: RadioCardProps) {
  const id = useId()
  return (
    <div
      className={cn(
        'relative grid content-start gap-2 rounded-md border bg-card p-4 transition-colors',
        'has-[[data-state=checked]]:border-primary has-[[data-state=checked]]:ring-1 has-[[data-state=checked]]:ring-primary',
        disabled ? 'bg-muted' : 'hover:bg-hover has-[[data-state=checked]]:hover:bg-card',
        className,
      )}
    >
      <div className="flex items-center gap-2">
        <Primitive.Item
          aria-label={label}
          aria-describedby={children ? id : undefined}
          disabled={disabled}
          className={cn(
            'grid size-4 shrink-0 place-items-center rounded-full border border-input bg-card outline-offset-2',
            'after:absolute after:inset-0 after:rounded-md data-[state=checked]:border-primary disabled:after:hidden',
          )}
          {...rest}
        >
          <Primitive.Indicator className="size-2 rounded-full bg-primary" />
        </Primitive.Item>
        {icon}
        <span aria-hidden className={cn('font-medium text-sm', disabled && 'text-muted-foreground')}>
          {label}
        </span>
        {aside ? <span className="ml-auto">{aside}</span> : null}
      </div>
      {children ? (
        <div id={id} className="grid gap-1.5 text-muted-foreground text-xs">
          {children}
        </div>
      ) : null}
    </div>
  )
}
