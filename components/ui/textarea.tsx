import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'
import { fieldStyle } from './input.tsx'

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea className={cn(fieldStyle, 'field-sizing-content min-h-20 py-2', className)} {...rest} />
}
