import { newTally } from '../report/row-tally.ts'
import { chatRow, chatTally } from './chat-row.ts'
import { checkOrder } from './conversation-order.ts'
import { hasAny, isObject } from './json-object.ts'
import { readMessages } from './messages.ts'
import type { RowFormat } from './row-format.ts'
import { checkTools } from './tools.ts'

/** `{"messages": [{"role", "content"}], "tools"?}`, or the bare list of messages. */
export const chatml: RowFormat = {
  id: 'chatml',
  shape: 'chat',
  looksLike: '{"messages": [{"role": ..., "content": ...}]}',

  matches: (row) =>
    Array.isArray(row) ? isObject(row[0]) && hasAny(row[0], 'role', 'from') : hasAny(row, 'messages'),

  read(row, reading) {
    const tally = newTally()
    if (!isObject(row)) {
      return [chatRow(readMessages(row, '', reading, tally).messages, {}, [], reading, tally)]
    }
    const { messages, unchanged } = readMessages(row.messages, '/messages', reading, tally)
    if (!unchanged) return [chatRow(messages, row, ['messages'], reading, tally)]
    checkOrder(messages, '/messages', reading)
    checkTools(row, reading)
    return [{ row, unchanged: true, tally: chatTally(tally) }]
  },
}
