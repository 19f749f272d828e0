/** Tells whether any of these numbers, in order, is in a range; to be asked of ranges in order. */
export function anyInOrder(numbers: readonly number[]): (from: number, count: number) => boolean {
  let next = 0
  return (from, count) => {
    while (next < numbers.length && numbers[next]! < from) next++
    return next < numbers.length && numbers[next]! < from + count
  }
}
