import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { PackedLines } from './packed-lines.ts'

const linesOf = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${from + at} ${'what was wrong '.repeat(500)}\n`)

const textOf = async (lines: PackedLines): Promise<string> => gunzipSync(await lines.takeBytes()).toString()

it('gives back every line in order, whether it was packed or not', async () => {
  const [first, second] = [new PackedLines(), new PackedLines()]
  const [before, behind] = [linesOf(0, 90), linesOf(90, 120)]
  for (const line of before) first.add(line)
  for (const line of behind) second.add(line)
  first.take(second)
  expect(second.isEmpty).toBe(true)
  for (const line of linesOf(210, 3)) first.add(line)
  expect(await textOf(first)).toBe([...before, ...behind, ...linesOf(210, 3)].join(''))
  expect(first.isEmpty).toBe(true)
})

it('begins anew once it was emptied', async () => {
  const lines = new PackedLines()
  lines.add('one\n')
  const one = textOf(lines)
  lines.add('two\n')
  expect(await one).toBe('one\n')
  expect(await textOf(lines)).toBe('two\n')
})
