'use client'

import { Tabs as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'

export const Tabs = Primitive.Root

/** Scrolls sideways where it does not fit, rather than wrapping. */
export function TabsList({ className, ...rest }: ComponentProps<typeof Primitive.List>) {
  return (
    <Primitive.List
      className={cn('flex gap-5 overflow-x-auto border-b [scrollbar-width:none]', className)}
      {...rest}
    />
  )
}

export const tabStyle = cn(
  '-mb-px flex items-center gap-2 whitespace-nowrap border-transparent border-b-2 py-2 text-muted-foreground text-sm pointer-coarse:py-3',
  'hover:text-foreground focus-visible:-outline-offset-2',
  'data-[state=active]:border-foreground data-[state=active]:font-medium data-[state=active]:text-foreground',
)

export function TabsTrigger({ className, ...rest }: ComponentProps<typeof Primitive.Trigger>) {
  return <Primitive.Trigger className={cn(tabStyle, className)} {...rest} />
}

export function TabsContent({ className, ...rest }: ComponentProps<typeof Primitive.Content>) {
  return <Primitive.Content className={cn('pt-4 focus-visible:outline-offset-4', className)} {...rest} />
}

/** How many are behind a tab. */
export function TabCount({ children }: { children: number | string }) {
  return (
    <span className="min-w-5 rounded-md bg-muted px-1.5 text-center font-normal text-muted-foreground text-xs">
      {children}
    </span>
  )
}
