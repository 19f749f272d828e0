'use client'

import { type ReactNode, useId } from 'react'
import { cn } from './class-names.ts'
import { Label } from './label.tsx'

export interface FieldControlProps {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

export interface FieldProps {
  /** Exactly the accessible name of the control. */
  label: string
  hint?: ReactNode
  error?: string | undefined
  className?: string
  /** Spread the given props on the one control. */
  children: (control: FieldControlProps) => ReactNode
}

/** A label, a control, a hint and an error, tied together for people who cannot see that they are near each other. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId()
  const described = [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(' ')
  return (
    <div className={cn('grid content-start gap-1.5', className)}>
      <Label htmlFor={id}>{label}</Label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {hint ? (
        <p id={`${id}-hint`} className="text-muted-foreground text-xs">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-danger text-xs">
          {error}
        </p>
      ) : null}
    </div>
  )
}
