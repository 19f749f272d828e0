import type { JsonValue } from '#lib/training/dataset.types.ts'
import type { RowTally } from '../report/row-tally.ts'
import { isObject, kindOf } from './json-object.ts'
import { type Message, readMessages, say } from './messages.ts'
import type { RowReading } from './row-reading.ts'
import { readTurn } from './turn.ts'

/** One side of a row that has two, a prompt or an answer: a string, one turn, or a list of turns. */
export function readSide(
  value: JsonValue | undefined,
  role: 'user' | 'assistant',
  pointer: string,
  reading: RowReading,
  tally: RowTally,
): Message[] {
  if (typeof value === 'string') return [say(role, value, pointer, reading, tally)]
  if (Array.isArray(value)) return readMessages(value, pointer, reading, tally).messages
  if (isObject(value)) {
    const slash = pointer.lastIndexOf('/')
    const message = readTurn(value, pointer.slice(0, slash), pointer.slice(slash + 1), reading, tally)
    return message === null ? [] : [message]
  }
  reading.report('dpo.answer', pointer, `${pointer.slice(1)} is ${kindOf(value)}`)
  return []
}
