import { newTally } from '../report/row-tally.ts'
import { has } from './json-object.ts'
import type { JsonObject, RowFormat } from './row-format.ts'
import { stringField } from './string-field.ts'

/** `{"text"}` for continued pretraining; also what the rows of a plain text file become. */
export const rawText: RowFormat = {
  id: 'raw_text',
  shape: 'text',
  looksLike: '{"text": ...}',

  matches: (row) => has(row, 'text'),

  read(value, reading) {
    const row = value as JsonObject
    const text = stringField(row, 'text', reading)
    if (text === '' && !reading.failed) reading.report('text.empty', '/text', 'The text is empty')
    const tally = newTally()
    tally.characters = text.length
    tally.input = text.length
    return [{ row, unchanged: true, tally }]
  },
}
