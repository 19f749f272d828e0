'use client'

import { Monitor, Moon, Sun } from 'lucide-react'
import { useTheme } from 'next-themes'
import {
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
} from '#components/ui/dropdown-menu.tsx'
import { themes } from './themes.ts'

const icons = { light: Sun, dark: Moon, system: Monitor }

export function ThemeChoice() {
  const { theme, setTheme } = useTheme()
  return (
    <>
      <DropdownMenuLabel id="theme-label">Theme</DropdownMenuLabel>
      <DropdownMenuRadioGroup
        aria-labelledby="theme-label"
        value={theme ?? 'system'}
        onValueChange={setTheme}
      >
        {themes.map(({ value, label }) => {
          const Icon = icons[value]
          return (
            <DropdownMenuRadioItem key={value} value={value} onSelect={(event) => event.preventDefault()}>
              <Icon aria-hidden />
              {label}
            </DropdownMenuRadioItem>
          )
        })}
      </DropdownMenuRadioGroup>
    </>
  )
}
