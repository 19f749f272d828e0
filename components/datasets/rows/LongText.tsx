'use client'

import { useState } from 'react'
import { formatCount } from '#lib/display/number-format.ts'

const shownCharacters = 4000

/** Text of any length; what would make the page slow is asked for. */
export function LongText({ text }: { text: string }) {
  const [whole, setWhole] = useState(false)
  if (whole || text.length <= shownCharacters * 1.25) return text
  return (
    <>
      {text.slice(0, shownCharacters)}{' '}
      <button
        type="button"
        className="font-sans text-primary-text text-xs underline underline-offset-2"
        onClick={() => setWhole(true)}
      >
        Show all {formatCount(text.length)} characters
      </button>
    </>
  )
}
