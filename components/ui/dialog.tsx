'use client'

import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import { type ComponentProps, type ReactNode, useRef } from 'react'
import { cn } from './class-names.ts'

export const Dialog = Primitive.Root
export const DialogTrigger = Primitive.Trigger
export const DialogClose = Primitive.Close

export interface DialogContentProps extends Omit<ComponentProps<typeof Primitive.Content>, 'title'> {
  title: ReactNode
  description?: ReactNode
  /** Keeps title and description for screen readers only. */
  bare?: boolean
}

/** A sheet from below on phones, a centred box elsewhere. */
export function DialogContent({
  title,
  description,
  bare,
  className,
  children,
  ...rest
}: DialogContentProps) {
  const before = useRef<Element | null>(null)
  return (
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-50 animate-fade bg-black/45" />
      <Primitive.Content
        className={cn(
          'fixed inset-x-0 bottom-0 z-50 grid max-h-[90dvh] animate-rise gap-4 overflow-y-auto border bg-popover p-6 shadow-raised outline-none',
          'rounded-t-md sm:inset-x-auto sm:top-[12vh] sm:bottom-auto sm:left-1/2 sm:max-h-[76vh] sm:w-full sm:max-w-lg sm:-translate-x-1/2 sm:rounded-md',
          className,
        )}
        {...(description ? {} : { 'aria-describedby': undefined })}
        onOpenAutoFocus={() => {
          before.current = lasting(document.activeElement)
        }}
        onCloseAutoFocus={(event) => {
          // A dialog that a key has opened has no trigger: the focus goes back to where it was.
          if (!(before.current instanceof HTMLElement) || !before.current.isConnected) return
          event.preventDefault()
          before.current.focus()
        }}
        {...rest}
      >
        <div className={bare ? 'sr-only' : 'grid gap-1.5 pr-8'}>
          <Primitive.Title className="font-medium text-base">{title}</Primitive.Title>
          {description ? (
            <Primitive.Description className="text-muted-foreground text-sm">
              {description}
            </Primitive.Description>
          ) : null}
        </div>
        {children}
        {bare ? null : (
          <Primitive.Close
            aria-label="Close"
            className="absolute top-4 right-4 grid size-8 place-items-center rounded-md text-muted-foreground hover:bg-hover hover:text-foreground"
          >
            <X className="size-4" aria-hidden />
          </Primitive.Close>
        )}
      </Primitive.Content>
    </Primitive.Portal>
  )
}

/** An item of a menu is gone when the dialog that it opened closes; the button of the menu is still there. */
function lasting(element: Element | null): Element | null {
  const menu = element?.closest('[role=menu]')
  const button = menu?.getAttribute('aria-labelledby')
  return button ? document.getElementById(button) : element
}

export function DialogFooter({ className, ...rest }: ComponentProps<'div'>) {
  return <div className={cn('flex flex-col-reverse gap-2 sm:flex-row sm:justify-end', className)} {...rest} />
}
