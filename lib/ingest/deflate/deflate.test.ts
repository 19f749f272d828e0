import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deflateRaw } from './deflate.ts'

const roundTrip = (raw: Uint8Array): Buffer => inflateRawSync(deflateRaw(raw))
function same(raw: Uint8Array): void {
  expect(roundTrip(raw).equals(raw)).toBe(true)
}

/** Random words, from a state that a test chooses. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    yield state >>> 8
  }
}

function bytesOf(length: number, next: () => number): Uint8Array {
  return Uint8Array.from({ length }, next)
}

describe('what zlib inflates is what was deflated', () => {
  test.each([0, 1, 2, 3, 4, 7, 8, 9, 12, 257, 258, 259, 260, 300])('%i equal bytes', (length) => {
    same(new Uint8Array(length).fill(97))
  })

  test('any bytes, few or many kinds of them', () => {
    const kinds = fc.integer({ min: 1, max: 256 })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), kinds, (bytes, count) =>
        same(bytes.map((byte) => byte % count)),
      ),
    )
  })

  test('any text that repeats itself, near and far', () => {
    const part = fc.record({ text: fc.string({ minLength: 1, maxLength: 400 }), times: fc.nat(300) })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) =>
        same(Buffer.from(parts.map(({ text, times }) => text.repeat(times)).join(''))),
      ),
      { numRuns: 50 },
    )
  })

  test('counts so uneven that a code would be longer than it may', () => {
    // Fibonacci numbers make the deepest tree that their sum can.
    const counts = [1, 1]
    while (counts.length < 26) counts.push(counts.at(-1)! + counts.at(-2)!)
    const random = numbers(7)
    const bytes = counts.flatMap((count, byte) => new Array<number>(count).fill(byte))
    for (let at = bytes.length - 1; at > 0; at--) {
      const other = random.next().value! % (at + 1)
      ;[bytes[at], bytes[other]] = [bytes[other]!, bytes[at]!]
    }
    same(Uint8Array.from(bytes))
  })

  test('noise, of which it makes hardly more', () => {
    const random = numbers(1)
    const noise = bytesOf(3 << 20, () => random.next().value! & 0xff)
    expect(deflateRaw(noise).length).toBeLessThan(noise.length * 1.01)
    same(noise)
  })

  test('an input longer than a worker keeps room for, and then a short one', () => {
    const random = numbers(2)
    same(bytesOf(17 << 20, () => 97 + (random.next().value! % 5)))
    same(Buffer.from('short'))
  })
})

test('the same input gives the same bytes, whatever came before', () => {
  const prose = documentation()
  const first = Buffer.from(deflateRaw(prose))
  deflateRaw(bytesOf(50_000, () => 120))
  expect(first.equals(deflateRaw(prose))).toBe(true)
})

test('prose becomes at most 3 % larger than by zlib at level 6', () => {
  const prose = documentation()
  expect(deflateRaw(prose).length).toBeLessThan(deflateRawSync(prose, { level: 6 }).length * 1.03)
})

/** Prose that is there in every checkout. */
function documentation(): Buffer {
  const docs = join(import.meta.dirname, '../../../docs')
  const files = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.md'),
  )
  return Buffer.concat(files.sort().map((file) => readFileSync(join(docs, file))))
}
