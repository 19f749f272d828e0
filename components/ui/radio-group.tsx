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
  /** Read out as the radio's description. No links here: they belong in `footer`. */
  children?: ReactNode
  /** Stands below, usable also when the card is disabled: a reason, a link to mend it. */
  footer?: ReactNode
}

/** A whole card that chooses. */
export function RadioCard({
  label,
  icon,
  aside,
  children,
  footer,
  className,
  disabled,
  ...rest
}: RadioCardProps) {
  const id = useId()
  const described = [children ? id : '', footer ? `${id}-more` : ''].filter(Boolean).join(' ')
  return (
    <div
      className={cn(
        'grid content-start rounded-md border transition-colors',
        'has-[[data-state=checked]]:border-primary has-[[data-state=checked]]:ring-1 has-[[data-state=checked]]:ring-primary',
        disabled
          ? 'border-dashed bg-background'
          : 'bg-card hover:bg-hover has-[[data-state=checked]]:hover:bg-card',
        className,
      )}
    >
      <Primitive.Item
        aria-label={label}
        aria-describedby={described || undefined}
        disabled={disabled}
        className={cn(
          'group grid content-start gap-1 rounded-md p-3 text-left',
          disabled && 'cursor-not-allowed',
        )}
        {...rest}
      >
        <span className="flex w-full flex-wrap items-center gap-x-2 gap-y-1">
          <span className="flex min-w-0 items-center gap-2">
            <span className="grid size-4 shrink-0 place-items-center rounded-full border border-input bg-card group-data-[state=checked]:border-primary">
              <Primitive.Indicator className="size-2 rounded-full bg-primary" />
            </span>
            {icon}
            <span className={cn('min-w-0 font-medium text-sm', disabled && 'text-muted-foreground')}>
              {label}
            </span>
          </span>
          {aside ? <span className="ml-auto shrink-0">{aside}</span> : null}
        </span>
        {children ? (
          <span id={id} className="block pl-6 text-muted-foreground text-xs">
            {children}
          </span>
        ) : null}
      </Primitive.Item>
      {footer ? (
        <div id={`${id}-more`} className="px-3 pb-3 pl-9 text-xs">
          {footer}
        </div>
      ) : null}
    </div>
  )
}
