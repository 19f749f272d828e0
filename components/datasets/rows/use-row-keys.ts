'use client'

import { useEffect } from 'react'
import { isTyping } from '#components/frame/is-typing.ts'

interface RowKeys {
  onMove: (by: 1 | -1) => void
  onRaw: () => void
}

/** `j` and `k` move by a row, `r` shows it raw; wherever the focus is, unless something is typed into. */
export function useRowKeys({ onMove, onRaw }: RowKeys) {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (isTyping(event, { listsTakeLetters: false }) || event.ctrlKey || event.metaKey || event.altKey)
        return
      if (event.key === 'j') onMove(1)
      else if (event.key === 'k') onMove(-1)
      else if (event.key === 'r') onRaw()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
}
