import { expect, test } from 'vitest'
import { webCodec } from '../rows/row-text.ts'
import { textScan } from '../scan/block-scan.ts'
import { findSensitive } from './find-sensitive.ts'

const token = `eyJhbGciOi${'a'.repeat(16)}`
const stripeKey = `rk_live_${'a1'.repeat(12)}`

/** How many bytes are read to look through a text, some of them more than once. */
function bytesRead(text: string): number {
  let count = 0
  const bytes = Buffer.from(text)
  const counted = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && /^\d/.test(key)) count++
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  findSensitive(counted, webCodec, textScan(bytes))
  return count
}

test.each([
  ['underscores', '_'],
  ['words with underscores', 'abc_'],
  ['tokens with dots between', `${token}.`],
])('twice as many %s are twice as much work', (_, piece) => {
  const once = bytesRead(piece.repeat(1000))
  expect(bytesRead(piece.repeat(2000))).toBeLessThan(once * 3)
})

test('finds keys at the beginning of a run, also behind an escape, and tokens with all that follows', () => {
  const text = `"${stripeKey} \\n${stripeKey} x${stripeKey} ${token}.${token}.sig"`
  const found = findSensitive(Buffer.from(text), webCodec).map(({ at, end }) => text.slice(at, end))
  expect(found).toEqual([stripeKey, stripeKey, `${token}.${token}.sig`, `${token}.sig`])
})
