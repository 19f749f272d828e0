'use client'

import { Tooltip as Primitive } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './class-names.ts'

export const TooltipProvider = Primitive.Provider

export interface TooltipProps extends Omit<ComponentProps<typeof Primitive.Content>, 'content'> {
  content: ReactNode
  /** One element that can take focus. */
  children: ReactNode
}

/** Says more about what is already named; never the only place where something is said. */
export function Tooltip({ content, children, className, ...rest }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          sideOffset={6}
          collisionPadding={8}
          className={cn(
            'z-50 max-w-72 animate-fade rounded-md bg-foreground px-2 py-1 text-background text-xs shadow-raised',
            className,
          )}
          {...rest}
        >
          {content}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
