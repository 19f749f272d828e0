import type { JsonValue } from '#lib/training/dataset.types.ts'
import { type Role, type RowTally, tallyTurn } from '../report/row-tally.ts'
import { kindOf } from './json-object.ts'
import type { RowReading } from './row-reading.ts'
import { type Message, readTurn } from './turn.ts'

export type { Message } from './turn.ts'

export interface ReadMessages {
  messages: Message[]
  /** Every turn was a canonical message already. */
  unchanged: boolean
}

/** A list of turns as canonical messages; `pointer` is where it is in its row. */
export function readMessages(
  turns: JsonValue | undefined,
  pointer: string,
  reading: RowReading,
  tally: RowTally,
): ReadMessages {
  if (!Array.isArray(turns) || turns.length === 0) {
    reading.report(
      'messages.array',
      pointer,
      Array.isArray(turns) ? 'There are no turns' : `It is ${kindOf(turns)}`,
    )
    return { messages: [], unchanged: false }
  }
  const messages: Message[] = []
  let unchanged = true
  for (let index = 0; index < turns.length; index++) {
    const message = readTurn(turns[index]!, pointer, index, reading, tally)
    if (message !== turns[index]) unchanged = false
    if (message !== null) messages.push(message)
  }
  return { messages, unchanged }
}

/** A message made of a plain string, counted. */
export function say(
  role: Role,
  content: string,
  pointer: string,
  reading: RowReading,
  tally: RowTally,
): Message {
  if (content === '') reading.report('messages.empty', pointer, `The ${role} turn is empty`)
  tallyTurn(tally, role, content.length)
  return { role, content }
}
