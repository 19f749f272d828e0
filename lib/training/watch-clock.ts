/** A gap of fewer looks than these is only a slow machine. */
const looksMissedMax = 4
const gapMillisecondsMin = 30_000

/**
 * For how long somebody has been watching without a gap. A laptop that slept, or a process that was stopped, heard
 * nothing meanwhile: that silence is nobody's fault, and the count begins anew.
 */
export function createWatchClock(everyMilliseconds: number, now: () => number = Date.now) {
  const gapMax = Math.max(looksMissedMax * everyMilliseconds, gapMillisecondsMin)
  let since = now()
  let seenAt = since
  return {
    /** Seconds of watching, at the beginning of a look. */
    beginLook(): number {
      const at = now()
      if (at - seenAt > gapMax) since = at
      seenAt = at
      return (at - since) / 1000
    },
    /** A look may take its time. */
    endLook(): void {
      seenAt = now()
    },
  }
}
