import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'

/** Shared by everything that is typed into or chosen from. 16 px on phones, so that they do not zoom. */
export const fieldStyle = cn(
  'w-full min-w-0 rounded-md border border-input bg-card px-3 text-base text-foreground md:text-sm',
  'placeholder:text-muted-foreground disabled:cursor-not-allowed disabled:opacity-60',
  'focus-visible:outline-offset-0 aria-invalid:border-danger',
)

export function Input({ className, type = 'text', ...rest }: ComponentProps<'input'>) {
  return <input type={type} className={cn(fieldStyle, 'h-9 pointer-coarse:h-10', className)} {...rest} />
}
