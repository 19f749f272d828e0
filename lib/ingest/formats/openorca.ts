import { newTally } from '../report/row-tally.ts'
import { chatRow } from './chat-row.ts'
import { has } from './json-object.ts'
import { say } from './messages.ts'
import type { JsonObject, RowFormat } from './row-format.ts'
import { optionalString, stringField } from './string-field.ts'

/** `{"system_prompt", "question", "response"}`; an empty system prompt is no turn. */
export const openorca: RowFormat = {
  id: 'openorca',
  shape: 'chat',
  looksLike: '{"system_prompt": ..., "question": ..., "response": ...}',

  matches: (row) => has(row, 'question', 'response'),

  read(value, reading) {
    const row = value as JsonObject
    const tally = newTally()
    const system = optionalString(row, 'system_prompt', reading)
    const messages = [
      ...(system === '' ? [] : [say('system', system, '/system_prompt', reading, tally)]),
      say('user', stringField(row, 'question', reading), '/question', reading, tally),
      say('assistant', stringField(row, 'response', reading), '/response', reading, tally),
    ]
    return [chatRow(messages, row, ['system_prompt', 'question', 'response'], reading, tally)]
  },
}
