import { stat } from 'node:fs/promises'

/** What one run of a lane took. */
export interface LaneFigures {
  seconds: number
  /** Of all threads; null where several processes share the work. */
  cpuSeconds: number | null
  /** Null where nothing is compressed. */
  storedBytes: number | null
  /** Largest resident size over that at idle, of this program; null for other programs. */
  peakOverIdleBytes: number | null
}

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

export const fileBytes = async (file: string): Promise<number> => (await stat(file)).size
