import type { DatasetFormat, JsonValue } from '#lib/training/dataset.types.ts'
import { recognise } from './formats.ts'

/** How many rows detection looks at. */
export const detectionRows = 200

/** Fewer known rows than this share are taken for chance among rows of somebody's own making. */
const knownShareMin = 0.2

/**
 * The format of a file by its first rows: the one that most of them have, so that a bad first row decides nothing.
 * `prompt` and `response` are `rlhf` as soon as one of the rows carries a reward.
 */
export function detectFormat(rows: readonly JsonValue[]): DatasetFormat {
  const votes = new Map<DatasetFormat, number>()
  for (const row of rows) {
    const format = recognise(row)
    if (format !== null) votes.set(format, (votes.get(format) ?? 0) + 1)
  }
  if (votes.has('rlhf') && votes.has('prompt_completion')) {
    votes.set('rlhf', votes.get('rlhf')! + votes.get('prompt_completion')!)
  }
  const [winner] = [...votes].sort((one, other) => other[1] - one[1])
  if (winner === undefined || winner[1] < rows.length * knownShareMin) return 'jsonl'
  return winner[0]
}
