import type { DatasetStatistics } from '#lib/training/dataset.types.ts'
import type { RowTally } from './row-tally.ts'

/** Inclusive upper bounds of row lengths in characters; the bucket after the last is open. */
export const lengthBounds = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072]

/** Sums that blocks bring and that add up, whatever their order. Characters are UTF-16 code units. */
export interface StatisticsSums {
  rows: number
  characters: number
  input: number
  output: number
  turns: number
  roles: Record<string, number>
  longestRow: number
  multimodalParts: number
  lengthCounts: number[]
  /** The same much finer: a bucket for every eighth of a doubling. */
  fineLengths: number[]
}

export const emptySums = (): StatisticsSums => ({
  rows: 0,
  characters: 0,
  input: 0,
  output: 0,
  turns: 0,
  roles: {},
  longestRow: 0,
  multimodalParts: 0,
  lengthCounts: new Array<number>(lengthBounds.length + 1).fill(0),
  fineLengths: new Array<number>(fineBuckets).fill(0),
})

export function addRow(sums: StatisticsSums, row: RowTally): void {
  sums.rows++
  sums.characters += row.characters
  sums.input += row.input
  sums.output += row.output
  sums.turns += row.turns
  sums.multimodalParts += row.parts
  addRole(sums.roles, 'system', row.system)
  addRole(sums.roles, 'user', row.user)
  addRole(sums.roles, 'assistant', row.assistant)
  addRole(sums.roles, 'tool', row.tool)
  if (row.characters > sums.longestRow) sums.longestRow = row.characters
  sums.lengthCounts[bucketOf(row.characters)]!++
  sums.fineLengths[fineBucketOf(row.characters)]!++
}

export function addSums(total: StatisticsSums, block: StatisticsSums): void {
  total.rows += block.rows
  total.characters += block.characters
  total.input += block.input
  total.output += block.output
  total.turns += block.turns
  total.multimodalParts += block.multimodalParts
  total.longestRow = Math.max(total.longestRow, block.longestRow)
  for (const [role, count] of Object.entries(block.roles)) addRole(total.roles, role, count)
  block.lengthCounts.forEach((count, bucket) => {
    total.lengthCounts[bucket]! += count
  })
  block.fineLengths.forEach((count, bucket) => {
    total.fineLengths[bucket]! += count
  })
}

export const statisticsOf = (sums: StatisticsSums): DatasetStatistics => ({
  rows: sums.rows,
  characters: sums.characters,
  turns: sums.turns,
  roles: sums.roles,
  avg_input_length: average(sums.input, sums.rows),
  avg_output_length: average(sums.output, sums.rows),
  longest_row_characters: sums.longestRow,
  multimodal_parts: sums.multimodalParts,
  length_histogram: { bounds: lengthBounds, counts: sums.lengthCounts },
})

const average = (sum: number, rows: number): number => (rows === 0 ? 0 : Math.round((sum / rows) * 100) / 100)

function addRole(roles: Record<string, number>, role: string, count: number): void {
  if (count > 0) roles[role] = (roles[role] ?? 0) + count
}

const fineBuckets = 8 * 30
const fineBucketOf = (characters: number): number => Math.floor(8 * Math.log2(characters + 1))

/** Rows of more characters than that; inside a bucket rows are taken to lie evenly. */
export function rowsLongerThan(sums: StatisticsSums, characters: number): number {
  const position = 8 * Math.log2(characters + 1)
  const bucket = Math.floor(position)
  const beyond = sums.fineLengths.slice(bucket + 1).reduce((rows, count) => rows + count, 0)
  const inside = sums.fineLengths[bucket] ?? 0
  return characters >= sums.longestRow ? 0 : beyond + Math.round(inside * (1 - (position - bucket)))
}

function bucketOf(characters: number): number {
  let bucket = 0
  while (bucket < lengthBounds.length && characters > lengthBounds[bucket]!) bucket++
  return bucket
}
