import { newTally } from '../report/row-tally.ts'
import { chatRow } from './chat-row.ts'
import { hasAny } from './json-object.ts'
import { readMessages, say } from './messages.ts'
import type { JsonObject, RowFormat } from './row-format.ts'
import { keyIn, optionalString } from './string-field.ts'

/** `{"conversations": [{"from", "value"}], "system"?, "tools"?}`. */
export const sharegpt: RowFormat = {
  id: 'sharegpt',
  shape: 'chat',
  looksLike: '{"conversations": [{"from": ..., "value": ...}]}',

  matches: (row) => hasAny(row, 'conversations', 'conversation'),

  read(value, reading) {
    const row = value as JsonObject
    const tally = newTally()
    const turnsKey = keyIn(row, 'conversations', 'conversation')
    const system = optionalString(row, 'system', reading)
    const opening = system === '' ? [] : [say('system', system, '/system', reading, tally)]
    const { messages } = readMessages(row[turnsKey], `/${turnsKey}`, reading, tally)
    return [chatRow([...opening, ...messages], row, [turnsKey, 'system'], reading, tally)]
  },
}
