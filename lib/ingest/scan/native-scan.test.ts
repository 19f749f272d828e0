import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyAnchors } from '../report/secret-kinds.ts'
import { type BlockScan, textScan } from './block-scan.ts'
import { nativeScan } from './native-scan.ts'

const encoder = new TextEncoder()

function placesOf(scan: BlockScan): number[] {
  const places: number[] = []
  scan.eachPlace((at) => places.push(at))
  return places
}

describe('places', () => {
  test('are the same in both, wherever they lie', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '@',
        '_',
        'k-',
        'xo',
        'AK',
        'AS',
        'AI',
        'Jh',
        'J0',
        'PR',
        '1234',
        '12345678',
        'A',
        'é😀',
      ),
      fc.string({ maxLength: 40 }),
      fc.nat({ max: 40 }).map((length) => ' '.repeat(length)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const bytes = encoder.encode(pieces.join(''))
        expect(placesOf(nativeScan(bytes))).toEqual(placesOf(textScan(bytes)))
      }),
      { numRuns: 1000 },
    )
  })

  test('are found on both sides of a window and at the end of a block, and none beyond it', () => {
    const bytes = encoder.encode(`${'.'.repeat(32_767)}_k-${'.'.repeat(32_763)}k`)
    nativeScan(encoder.encode('-'.repeat(100_000)))
    expect(placesOf(nativeScan(bytes))).toEqual([32_767, 32_768])
    expect(placesOf(textScan(bytes))).toEqual([32_767, 32_768])
  })

  test('are where every piece of a key is', () => {
    for (const { text } of keyAnchors) {
      expect(placesOf(textScan(encoder.encode(`  ${text} `))), text).toContain(2)
    }
  })
})

test('a chat row is read alike in both', () => {
  const role = fc.constantFrom('system', 'user', 'assistant', 'tool', 'human')
  const content = fc.oneof(
    { arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), weight: 5 },
    fc.string({ maxLength: 200 }),
    fc.constantFrom('', '\ud800', '\u2028', '😀'.repeat(20)),
  )
  const turn = fc.record({ role: fc.option(role, { freq: 1, nil: null }), content })
  const row = fc.array(turn, { maxLength: 4 }).map((turns) => ({
    messages: turns.map(({ role, content }, index) => ({
      role: role ?? (index % 2 ? 'assistant' : 'user'),
      content,
    })),
  }))
  const space = fc.constantFrom('', ' ', '\n', '\r\n\t')
  const damages = ['"', '\\', '}', ',', '\n', 'x', '\u0001', '\\u00g0']
  const damage = fc.option(fc.tuple(fc.nat(), fc.constantFrom(...damages)), { freq: 3, nil: null })
  let read = 0
  fc.assert(
    fc.property(row, space, damage, (value, indent, broken) => {
      const whole = JSON.stringify(value, null, indent)
      const at = broken === null ? 0 : broken[0] % whole.length
      const text = broken === null ? whole : whole.slice(0, at) + broken[1] + whole.slice(at + 1)
      const bytes = encoder.encode(`[${text},`)
      const [native, ours] = [nativeScan(bytes), textScan(bytes)]
      const isRead = ours.readsChat(1, bytes.length - 1)
      expect(native.readsChat(1, bytes.length - 1)).toBe(isRead)
      if (!isRead) return
      read++
      expect(native.tally).toEqual(ours.tally)
      expect(native.breaks).toEqual(ours.breaks)
    }),
    { numRuns: 2000 },
  )
  expect(read).toBeGreaterThan(100)
})

test('a row with more line breaks than there is room for is left to the parser', () => {
  const bytes = encoder.encode(`{"messages":[${'\n\n '.repeat(3)}{"role":"assistant","content":"a"}]}`)
  expect(nativeScan(bytes).readsChat(0, bytes.length)).toBe(true)
  const turn = '{"role":"tool",\n"content":"a"},\n'
  const long = encoder.encode(`{"messages":[${turn.repeat(5000)}{"role":"assistant","content":"a"}]}`)
  expect(nativeScan(long).readsChat(0, long.length)).toBe(false)
})
