/** A smoothed rate: recent seconds weigh more, so that it neither jumps nor lags behind a changed line. */
export interface TransferRate {
  bytesPerSecond: number | null
  measuredAtMs: number
  measuredBytes: number
}

const measureEveryMs = 500
const smoothingSeconds = 4

export function beginRate(nowMs: number): TransferRate {
  return { bytesPerSecond: null, measuredAtMs: nowMs, measuredBytes: 0 }
}

export function updateRate(rate: TransferRate, sentBytes: number, nowMs: number): TransferRate {
  const elapsedMs = nowMs - rate.measuredAtMs
  if (elapsedMs < measureEveryMs) return rate
  const seconds = elapsedMs / 1000
  const current = (sentBytes - rate.measuredBytes) / seconds
  const keep = Math.exp(-seconds / smoothingSeconds)
  const bytesPerSecond =
    rate.bytesPerSecond === null ? current : rate.bytesPerSecond * keep + current * (1 - keep)
  return { bytesPerSecond, measuredAtMs: nowMs, measuredBytes: sentBytes }
}

/** Null where nothing can be said. */
export function secondsLeft(rate: TransferRate, remainingBytes: number): number | null {
  if (!rate.bytesPerSecond || rate.bytesPerSecond <= 0) return null
  return remainingBytes / rate.bytesPerSecond
}
