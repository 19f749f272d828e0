import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chunksOf } from './chunks-of.ts'

it('cuts any stream into equal chunks and a shorter last one, losing nothing', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 16 }), async (given, bytes) => {
      const source = (async function* () {
        yield* given
      })()
      const chunks: Buffer[] = []
      for await (const chunk of chunksOf(source, bytes)) chunks.push(chunk)
      expect(Buffer.concat(chunks).equals(Buffer.concat(given))).toBe(true)
      expect(chunks.slice(0, -1).every((chunk) => chunk.byteLength === bytes)).toBe(true)
      expect(chunks.every((chunk) => chunk.byteLength > 0)).toBe(true)
    }),
  )
})

it('fills the chunks again that come back to it', async () => {
  const source = (async function* () {
    for (let piece = 0; piece < 40; piece++) yield new Uint8Array(5).fill(piece)
  })()
  const spare: Buffer<ArrayBuffer>[] = []
  const buffers = new Set<Buffer>()
  const bytes: number[] = []
  for await (const chunk of chunksOf(source, 8, spare)) {
    buffers.add(chunk)
    bytes.push(...chunk)
    spare.push(chunk)
  }
  expect(bytes).toEqual(Array.from({ length: 200 }, (_, at) => Math.floor(at / 5)))
  expect(buffers.size).toBeLessThanOrEqual(2)
})
