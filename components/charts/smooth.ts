/**
 * Exponential moving average with its start corrected, so that the first values are not pulled towards zero.
 * `weight` from 0 (as it is) to below 1 (ever slower). Values that are not finite are passed by.
 */
export function smooth(values: Float64Array, weight: number): Float64Array {
  if (weight <= 0) return values
  const smoothed = new Float64Array(values.length)
  let average = 0
  let share = 1
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number
    if (!Number.isFinite(value)) {
      smoothed[index] = value
      continue
    }
    average = average * weight + value * (1 - weight)
    share *= weight
    smoothed[index] = average / (1 - share)
  }
  return smoothed
}
