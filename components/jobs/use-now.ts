import { useEffect, useState } from 'react'

/** The time in milliseconds, every second while it is asked for; null until the page has come alive. */
export function useNow(ticking: boolean): number | null {
  const [now, setNow] = useState<number | null>(null)
  useEffect(() => {
    setNow(Date.now())
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}
