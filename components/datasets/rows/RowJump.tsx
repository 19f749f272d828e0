'use client'

import { useState } from 'react'
import { cn } from '#components/ui/class-names.ts'
import { Input } from '#components/ui/input.tsx'
import { formatCount } from '#lib/display/number-format.ts'

interface RowJumpProps {
  total: number
  selected: number
  onSelect: (row: number) => void
}

/** Any row by its number; Enter goes there. */
export function RowJump({ total, selected, onSelect }: RowJumpProps) {
  const [typed, setTyped] = useState<string | null>(null)
  const number = Number(typed)
  const wrong =
    typed !== null && typed !== '' && !(Number.isInteger(number) && number >= 1 && number <= total)
  return (
    <form
      className="flex items-center gap-2 border-b px-3 py-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (typed && !wrong) onSelect(number - 1)
        if (!wrong) setTyped(null)
      }}
    >
      <label htmlFor="go-to-row" className="text-muted-foreground text-xs">
        Row
      </label>
      <Input
        id="go-to-row"
        aria-label="Go to row"
        inputMode="numeric"
        autoComplete="off"
        aria-invalid={wrong || undefined}
        aria-describedby="rows-to-go-to"
        className="h-7 w-24 px-2 md:text-xs"
        value={typed ?? String(selected + 1)}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value.replaceAll(/[,\s]/g, ''))}
        onBlur={() => setTyped(null)}
      />
      <span id="rows-to-go-to" className={cn('text-xs', wrong ? 'text-danger' : 'text-muted-foreground')}>
        {wrong ? `Type a number from 1 to ${formatCount(total)}` : `of ${formatCount(total)}`}
      </span>
    </form>
  )
}
