import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAhead } from './read-ahead.ts'

const bytes = Buffer.from(Uint8Array.from({ length: 2_500_001 }, (_, index) => (index * 31) >>> 3))
let folder: string
let path: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finetunelab-read-'))
  path = join(folder, 'object')
  await writeFile(path, bytes)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([
  [0, bytes.length],
  [1, bytes.length - 1],
  [524_287, 1_048_577],
  [7, 8],
  [7, 7],
])('reads the bytes from %d to %d in their order, and closes the file', async (start, end) => {
  const file = await open(path)
  const read = await buffer(readAhead(file, { start, end }))
  expect(read.equals(bytes.subarray(start, end))).toBe(true)
  expect(file.fd).toBe(-1)
})

test('closes the file of a reader that stops early, or that never began', async () => {
  const [begun, never] = [await open(path), await open(path)]
  for await (const _ of readAhead(begun, { start: 0, end: bytes.length })) break
  expect(begun.fd).toBe(-1)
  await readAhead(never, { start: 0, end: bytes.length }).return?.()
  expect(never.fd).toBe(-1)
})

test('ends where the file ends, when it is shorter than was said', async () => {
  const file = await open(path)
  const read = await buffer(readAhead(file, { start: 2_000_000, end: 9_000_000 }))
  expect(read.equals(bytes.subarray(2_000_000))).toBe(true)
})

test('a read that fails is told to the reader, and the file is closed', async () => {
  const file = await open(folder)
  await expect(buffer(readAhead(file, { start: 0, end: 10 }))).rejects.toThrow('EISDIR')
  expect(file.fd).toBe(-1)
})
