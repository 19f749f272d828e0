import { expect, test } from 'vitest'
import { type CursorKind, decodeCursor, encodeCursor } from './cursor.ts'

const id = '0190f2a4-1111-4222-8333-444455556666'
const byTime: CursorKind = { sort: 'created_at', value: 'time' }
const byName: CursorKind = { sort: 'name', value: 'text' }
const bySize: CursorKind = { sort: 'size', value: 'count' }

test.each([
  [byTime, '2026-11-29T18:00:05.123456'],
  [byTime, '2026-11-29T18:00:05.123Z'],
  [byName, 'a "name" \u00fc'],
  [bySize, 1_000_000_000_000],
] as const)('a cursor of the list by %j comes back as it was', (kind, value) => {
  expect(decodeCursor(kind, encodeCursor(kind, [value, id]))).toEqual([value, id])
})

test.each([
  ['another sort', encodeCursor(byName, ['2026-11-29T18:00:05', id])],
  ['no time', encodeCursor(byTime, ['yesterday', id])],
  ['a day that there is not', encodeCursor(byTime, ['2026-02-31T00:00:00', id])],
  ['a malformed id', encodeCursor(byTime, ['2026-11-29T18:00:05', '------------------------------------'])],
  ['no array', Buffer.from('{}').toString('base64url')],
  ['no JSON', 'x'],
])('a cursor with %s is refused', (_, cursor) => {
  expect(() => decodeCursor(byTime, cursor)).toThrow(
    expect.objectContaining({ kind: 'invalid', code: 'invalid_cursor' }),
  )
})

test.each([
  [bySize, 1.5],
  [bySize, '1'],
  [byName, 'a\0b'],
] as const)('a value that the list by %j cannot be compared with is refused: %j', (kind, value) => {
  expect(() => decodeCursor(kind, encodeCursor(kind, [value, id]))).toThrow('The cursor is not one of ours')
})
