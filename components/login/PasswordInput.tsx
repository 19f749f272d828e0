'use client'

import { type ComponentProps, useState } from 'react'
import { Input } from '#components/ui/input.tsx'

/** A password that can be read while it is typed. */
export function PasswordInput(props: ComponentProps<typeof Input>) {
  const [shown, setShown] = useState(false)
  return (
    <div className="relative">
      <Input {...props} type={shown ? 'text' : 'password'} spellCheck={false} className="pr-16" />
      <button
        type="button"
        aria-pressed={shown}
        className="absolute inset-y-1 right-1 rounded-md px-2 text-muted-foreground text-xs hover:bg-hover hover:text-foreground"
        onClick={() => setShown(!shown)}
      >
        Show
      </button>
    </div>
  )
}
