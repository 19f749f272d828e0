import type { RowTally } from '../report/row-tally.ts'
import { checkOrder } from './conversation-order.ts'
import { keepExtras } from './extras.ts'
import { own } from './json-object.ts'
import type { Message } from './messages.ts'
import type { CanonicalRow, JsonObject } from './row-format.ts'
import type { RowReading } from './row-reading.ts'
import { keepTools } from './tools.ts'

/** A row of the chat shape: the messages, the tools, and what else the original had. */
export function chatRow(
  messages: Message[],
  original: JsonObject,
  used: readonly string[],
  reading: RowReading,
  tally: RowTally,
): CanonicalRow {
  checkOrder(messages, '', reading)
  const canonical: JsonObject = { messages }
  keepTools(canonical, original, reading)
  keepExtras(canonical, original, own(original, 'tools') === undefined ? used : [...used, 'tools'], reading)
  return { row: canonical, unchanged: false, tally: chatTally(tally) }
}

/** What the assistant says is output; all else is input. */
export function chatTally(tally: RowTally): RowTally {
  tally.output = tally.spoken
  tally.input = tally.characters - tally.spoken
  return tally
}
