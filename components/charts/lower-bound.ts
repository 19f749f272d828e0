/** The first index whose value is not below `target`; the length when there is none. `sorted` ascends. */
export function lowerBound(sorted: ArrayLike<number>, target: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < target) low = middle + 1
    else high = middle
  }
  return low
}

/** The index whose value is closest to `target`, or -1 in an empty list. */
export function nearestIndex(sorted: ArrayLike<number>, target: number): number {
  if (sorted.length === 0) return -1
  const after = lowerBound(sorted, target)
  if (after === 0) return 0
  if (after === sorted.length) return after - 1
  const before = after - 1
  return target - (sorted[before] as number) <= (sorted[after] as number) - target ? before : after
}
