import type { Range } from '#lib/training/cost/estimate.types.ts'

/** "$3.90 to $5.40"; one figure where both are the same. */
export function formatUsdRange({ low, high }: Range): string {
  if (high > 0 && high < 0.01) return 'under $0.01'
  const [from, to] = [cents(low), cents(high)]
  return from === to ? to : `${from} to ${to}`
}

const cents = (usd: number) => `$${usd.toFixed(2)}`

/** "2.1 to 2.9 h", "12 to 40 min": in the unit that the longer one is told in. */
export function formatHoursRange({ low, high }: Range): string {
  const minutes = high * 60
  if (minutes < 1) return 'under 1 min'
  const [unit, factor] = high < 1 ? (['min', 60] as const) : (['h', 1] as const)
  const say = (hours: number) => {
    const value = hours * factor
    return value < 10 && unit === 'h' ? value.toFixed(1) : String(Math.max(1, Math.round(value)))
  }
  const [from, to] = [say(low), say(high)]
  return from === to ? `${to} ${unit}` : `${from} to ${to} ${unit}`
}
