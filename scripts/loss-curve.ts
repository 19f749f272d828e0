const columns = 60
const rows = 10

/** A loss curve as lines of text: the mean loss of each stretch of steps, highest loss on top. */
export function lossCurve(points: readonly { step: number; loss: number }[]): string[] {
  if (points.length === 0) return ['No loss was reported.']
  const width = Math.min(columns, points.length)
  const means = Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * points.length) / width)
    const to = Math.floor(((column + 1) * points.length) / width)
    const stretch = points.slice(from, to)
    return stretch.reduce((sum, { loss }) => sum + loss, 0) / stretch.length
  })
  const [low, high] = [Math.min(...means), Math.max(...means)]
  const rowOf = (loss: number) => (high === low ? 0 : Math.round(((high - loss) / (high - low)) * (rows - 1)))
  const lines = Array.from({ length: rows }, (_, row) => {
    const label = (high - (row * (high - low)) / (rows - 1)).toFixed(2).padStart(6)
    return `${label} |${means.map((loss) => (rowOf(loss) === row ? '*' : ' ')).join('')}`.trimEnd()
  })
  const last = points.at(-1)!.step
  return [...lines, `${' '.repeat(7)}+${'-'.repeat(width)} step ${last}`]
}
