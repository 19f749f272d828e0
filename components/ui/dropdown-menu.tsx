'use client'

import { Check } from 'lucide-react'
import { DropdownMenu as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'
import { overlayStyle } from './overlay-style.ts'

/** Leaves the page behind it reachable: nothing there is hidden from a screen reader while a menu is open. */
export function DropdownMenu(props: ComponentProps<typeof Primitive.Root>) {
  return <Primitive.Root modal={false} {...props} />
}
export const DropdownMenuTrigger = Primitive.Trigger
export const DropdownMenuRadioGroup = Primitive.RadioGroup

const itemStyle = cn(
  'flex cursor-default select-none items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none pointer-coarse:py-2.5',
  'data-[highlighted]:bg-hover data-[disabled]:text-muted-foreground [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted-foreground',
)

/** What floats stands in the page's main part, where a screen reader looks for it. */
function mainLandmark(): HTMLElement | null {
  return typeof document === 'undefined' ? null : document.getElementById('content')
}

export function DropdownMenuContent({ className, ...rest }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal container={mainLandmark()}>
      <Primitive.Content
        sideOffset={4}
        collisionPadding={8}
        className={cn(overlayStyle, 'min-w-44 max-w-80 p-1', className)}
        {...rest}
      />
    </Primitive.Portal>
  )
}

export function DropdownMenuItem({
  className,
  danger,
  ...rest
}: ComponentProps<typeof Primitive.Item> & { danger?: boolean }) {
  return (
    <Primitive.Item
      className={cn(
        itemStyle,
        danger && 'text-danger data-[highlighted]:bg-danger-soft [&_svg]:text-danger',
        className,
      )}
      {...rest}
    />
  )
}

export function DropdownMenuRadioItem({
  className,
  children,
  ...rest
}: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(itemStyle, 'pr-8', className)} {...rest}>
      {children}
      <Primitive.ItemIndicator className="absolute right-3">
        <Check aria-hidden />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  )
}

export function DropdownMenuLabel({ className, ...rest }: ComponentProps<typeof Primitive.Label>) {
  return <Primitive.Label className={cn('px-2 py-1.5 text-muted-foreground text-xs', className)} {...rest} />
}

export function DropdownMenuSeparator({ className, ...rest }: ComponentProps<typeof Primitive.Separator>) {
  return <Primitive.Separator className={cn('-mx-1 my-1 h-px bg-border', className)} {...rest} />
}
