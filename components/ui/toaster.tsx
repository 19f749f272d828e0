'use client'

import { useTheme } from 'next-themes'
import { Toaster as Sonner } from 'sonner'

/** Say something from anywhere with `toast` of `sonner`. */
export function Toaster() {
  const { resolvedTheme } = useTheme()
  return (
    <Sonner
      theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
      position="bottom-right"
      mobileOffset={{ bottom: 72 }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-center gap-3 rounded-md border bg-popover p-3 font-sans text-sm text-foreground shadow-raised',
          title: 'font-medium',
          description: 'text-muted-foreground',
          actionButton: 'ml-auto shrink-0 rounded-md px-2 py-1 font-medium text-primary-text hover:bg-hover',
        },
      }}
    />
  )
}
