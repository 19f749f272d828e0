import { formatCount } from '#lib/display/number-format.ts'
import type { Problem } from '#lib/training/dataset.types.ts'

/** Where in the file: "line 12" for lines and CSV, "element 3" for JSON arrays. */
export function placeOf({ line, index }: Pick<Problem, 'line' | 'index'>): string {
  if (line !== null && index !== null) return `line ${formatCount(line)}, element ${formatCount(index)}`
  if (line !== null) return `line ${formatCount(line)}`
  if (index !== null) return `element ${formatCount(index)}`
  return 'the file'
}
