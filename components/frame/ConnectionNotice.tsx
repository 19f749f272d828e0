'use client'

import { WifiOff } from 'lucide-react'
import { useSyncExternalStore } from 'react'

function subscribe(changed: () => void) {
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  return () => {
    window.removeEventListener('online', changed)
    window.removeEventListener('offline', changed)
  }
}

export function ConnectionNotice() {
  const online = useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  )
  return (
    <div role="status">
      {online ? null : (
        <p className="flex items-center gap-2 bg-warning-soft px-4 py-2 text-warning sm:px-6">
          <WifiOff className="size-4 shrink-0" aria-hidden />
          You are offline. What is on the screen may be old; it refreshes when the connection is back.
        </p>
      )}
    </div>
  )
}
