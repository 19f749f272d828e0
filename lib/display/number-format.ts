const whole = new Intl.NumberFormat('en-US')
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** 152985 -> "152,985". */
export function formatCount(count: number): string {
  return whole.format(count)
}

/** 152985 -> "153K". */
export function formatCompact(count: number): string {
  return compact.format(count)
}

/** "1 example", "152,985 examples". */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** Decimal units, three significant digits: 1240000000 -> "1.24 GB". */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** 0.423 -> "42 %". */
export function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** USD; more digits where cents would hide it. */
export function formatMoney(usd: number): string {
  const digits = usd !== 0 && Math.abs(usd) < 0.1 ? 4 : 2
  return `$${usd.toFixed(digits)}`
}

/** Four significant digits, scientific where that is shorter: for losses and learning rates. */
export function formatMeasure(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2)
  return String(Number(value.toPrecision(4)))
}
