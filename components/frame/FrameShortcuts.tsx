'use client'

import { useRouter } from 'next/navigation'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { isTyping } from './is-typing.ts'
import { navigation } from './navigation.ts'
import { ShortcutSheet } from './ShortcutSheet.tsx'

const Sheet = createContext({ show: () => {} })

export const useShortcutSheet = () => useContext(Sheet)

/** `?` shows the keys; `g` and a letter goes to a section. */
export function FrameShortcuts({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false)
  const router = useRouter()
  const afterG = useRef(0)
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === '?') return setOpen(true)
      if (event.key === 'g') {
        afterG.current = event.timeStamp
        return
      }
      const entry = event.timeStamp - afterG.current < 1000 && navigation.find(({ key }) => key === event.key)
      afterG.current = Number.NEGATIVE_INFINITY
      if (entry) router.push(entry.href)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [router])
  const value = useMemo(() => ({ show: () => setOpen(true) }), [])
  return (
    <Sheet value={value}>
      {children}
      <ShortcutSheet open={open} onOpenChange={setOpen} />
    </Sheet>
  )
}
