import { invalid } from '#lib/errors/app-error.ts'

/** The place in a sorted list after which the next page begins: the sort value and the id of its last row. */
export type Cursor = readonly [value: string | number, id: string]

/** What a list is sorted by; a cursor is of use in that list only. */
export interface CursorKind {
  sort: string
  value: 'time' | 'text' | 'count'
}

export function encodeCursor({ sort }: CursorKind, cursor: Cursor): string {
  return Buffer.from(JSON.stringify([sort, ...cursor])).toString('base64url')
}

export function decodeCursor({ sort, value: kind }: CursorKind, text: string): Cursor {
  try {
    const [of, value, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[]
    if (of === sort && isValue[kind](value) && typeof id === 'string' && uuid.test(id))
      return [value as string | number, id]
  } catch {
    // Falls through: whatever it is, it is not ours.
  }
  throw invalid(
    'invalid_cursor',
    'The cursor is not one of ours, or of a list in another order',
    'Pass next_cursor as it was answered, with the same sort, or none.',
  )
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const isValue = {
  time: (value) => typeof value === 'string' && isTime(value),
  text: (value) => typeof value === 'string' && !value.includes('\0'),
  count: (value) => Number.isSafeInteger(value),
} as const satisfies Record<CursorKind['value'], (value: unknown) => boolean>

/** UTC, to the second or finer; no 31st of February, which the database would refuse. */
function isTime(text: string): boolean {
  const [, seconds] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,6})?Z?$/.exec(text) ?? []
  const time = new Date(`${seconds}Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(seconds!)
}
