import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inflatedStream, linesOfStream } from './stream-lines.ts'

test('any lines of a compressed text come out as they went in, whatever pieces it comes in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.string().map((text) => JSON.stringify(text)),
        { minLength: 1, maxLength: 30 },
      ),
      fc.integer({ min: 1, max: 40 }),
      fc.nat({ max: 30 }),
      fc.nat({ max: 30 }),
      async (texts, size, from, count) => {
        const bytes = gzipSync(texts.join('\n'))
        async function* pieces() {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
        }
        const to = from + count + 1
        expect(await linesOfStream(inflatedStream(pieces()), from, to)).toEqual(texts.slice(from, to))
      },
    ),
    { numRuns: 50 },
  )
})

test('nothing is read behind the lines that were asked for', async () => {
  let read = 0
  async function* endless() {
    for (;;) {
      read += 1
      yield Buffer.from('{"a":1}\n')
    }
  }
  expect(await linesOfStream(endless(), 2, 4)).toHaveLength(2)
  expect(read).toBe(4)
})
