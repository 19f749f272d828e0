'use client'

import { Check, ChevronDown } from 'lucide-react'
import { Select as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'
import { fieldStyle } from './input.tsx'
import { overlayStyle } from './overlay-style.ts'

export const Select = Primitive.Root

export function SelectTrigger({
  className,
  children,
  placeholder,
  ...rest
}: ComponentProps<typeof Primitive.Trigger> & { placeholder?: string }) {
  return (
    <Primitive.Trigger
      className={cn(
        fieldStyle,
        'flex h-9 items-center justify-between gap-2 text-left pointer-coarse:h-10 data-[placeholder]:text-muted-foreground',
        className,
      )}
      {...rest}
    >
      <span className="truncate">{children ?? <Primitive.Value placeholder={placeholder} />}</span>
      <Primitive.Icon asChild>
        <ChevronDown className="size-4 shrink-0 text-muted-foreground" aria-hidden />
      </Primitive.Icon>
    </Primitive.Trigger>
  )
}

export function SelectContent({ className, children, ...rest }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        position="popper"
        sideOffset={4}
        className={cn(
          overlayStyle,
          'max-h-80 min-w-(--radix-select-trigger-width) overflow-hidden',
          className,
        )}
        {...rest}
      >
        <Primitive.Viewport className="p-1">{children}</Primitive.Viewport>
      </Primitive.Content>
    </Primitive.Portal>
  )
}

/** `hint` stands below the label in the open list and is not part of the chosen value. */
export function SelectItem({
  className,
  children,
  hint,
  ...rest
}: ComponentProps<typeof Primitive.Item> & { hint?: string }) {
  return (
    <Primitive.Item
      className={cn(
        'relative flex cursor-default select-none items-start rounded-md py-1.5 pr-8 pl-2 text-sm outline-none',
        'data-[highlighted]:bg-hover data-[disabled]:text-muted-foreground',
        className,
      )}
      {...rest}
    >
      <span className="grid gap-0.5">
        <Primitive.ItemText>{children}</Primitive.ItemText>
        {hint ? <span className="text-muted-foreground text-xs">{hint}</span> : null}
      </span>
      <Primitive.ItemIndicator className="absolute top-2 right-2">
        <Check className="size-4" aria-hidden />
      </Primitive.ItemIndicator>
    </Primitive.Item>
  )
}
