const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

/** Short, for the marks beside an axis. */
export function formatTick(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && size < 0.001) return value.toExponential(1).replace('.0e', 'e')
  if (size >= 10_000) return compact.format(value)
  return Number(value.toPrecision(6)).toString()
}

/** Seconds as a clock reads them: 45 s, 2:05, 1:02:05. */
export function formatElapsed(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return seconds < 10 && seconds % 1 !== 0 ? `${seconds.toFixed(1)} s` : `${whole} s`
  const pad = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`
}
