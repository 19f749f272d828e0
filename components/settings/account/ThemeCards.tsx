'use client'

import { useTheme } from 'next-themes'
import { useSyncExternalStore } from 'react'
import { themes } from '#components/frame/themes.ts'
import { RadioCard, RadioGroup } from '#components/ui/radio-group.tsx'

const never = () => () => {}

export function ThemeCards() {
  const { theme, setTheme } = useTheme()
  // The server does not know what this browser has chosen.
  const known = useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
  return (
    <RadioGroup
      aria-label="Theme"
      value={known ? (theme ?? 'system') : ''}
      onValueChange={setTheme}
      className="sm:grid-cols-3"
    >
      {themes.map(({ value, label }) => (
        <RadioCard key={value} value={value} label={label} />
      ))}
    </RadioGroup>
  )
}
