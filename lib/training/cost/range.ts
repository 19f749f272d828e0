import type { Range } from './estimate.types.ts'

/** Arithmetic on ranges of numbers that are not negative. */
export const range = (low: number, high: number): Range => ({
  low: Math.min(low, high),
  high: Math.max(low, high),
})
export const nothing: Range = { low: 0, high: 0 }
export const plus = (...ranges: Range[]): Range => ({
  low: ranges.reduce((sum, { low }) => sum + low, 0),
  high: ranges.reduce((sum, { high }) => sum + high, 0),
})
export const times = (a: Range, b: Range): Range => ({ low: a.low * b.low, high: a.high * b.high })
export const scaled = ({ low, high }: Range, factor: number): Range => ({
  low: low * factor,
  high: high * factor,
})
/** The least over the most, to the most over the least. */
export const over = (a: Range, b: Range): Range => ({ low: a.low / b.high, high: a.high / b.low })
export const middle = ({ low, high }: Range): number => (low + high) / 2
