import { invalid } from '#lib/errors/app-error.ts'

/** The place in a sorted list after which the next page begins: the sort value and the id of its last row. */
export type Cursor = readonly [value: string | number | null, id: string]

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

export function decodeCursor(text: string): Cursor {
  try {
    const [value, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[]
    const known = value === null || typeof value === 'string' || typeof value === 'number'
    if (known && typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id)) return [value, id]
  } catch {
    // Falls through: whatever it is, it is not ours.
  }
  throw invalid(
    'invalid_cursor',
    'The cursor is not one of ours',
    'Pass next_cursor as it was answered, or none.',
  )
}
