import type { JsonValue } from '#lib/training/dataset.types.ts'
import { newTally, type RowTally } from '../report/row-tally.ts'
import { chatRow } from './chat-row.ts'
import { has, hasAny, isObject, kindOf, own } from './json-object.ts'
import { type Message, say } from './messages.ts'
import type { RowFormat } from './row-format.ts'
import type { RowReading } from './row-reading.ts'
import { keyIn, optionalString, stringField } from './string-field.ts'

/** `{"instruction", "input"?, "output", "system"?, "history"?}`; Dolly's `context` and `response` as well. */
export const alpaca: RowFormat = {
  id: 'alpaca',
  shape: 'chat',
  looksLike: '{"instruction": ..., "input": ..., "output": ...}',

  matches: (row) =>
    isObject(row) &&
    Object.hasOwn(row, 'instruction') &&
    (Object.hasOwn(row, 'output') || hasAny(row, 'response')) &&
    !has(row, 'instances'),

  read(value, reading) {
    if (!isObject(value)) return []
    const row = value
    const tally = newTally()
    const inputKey = keyIn(row, 'input', 'context')
    const outputKey = keyIn(row, 'output', 'response')
    const system = optionalString(row, 'system', reading)
    const question = withInput(
      stringField(row, 'instruction', reading),
      optionalString(row, inputKey, reading),
    )
    const answer = stringField(row, outputKey, reading)
    const messages = [
      ...(system === '' ? [] : [say('system', system, '/system', reading, tally)]),
      ...earlierTurns(own(row, 'history'), reading, tally),
      say('user', question, '/instruction', reading, tally),
      say('assistant', answer, `/${outputKey}`, reading, tally),
    ]
    return [chatRow(messages, row, ['instruction', inputKey, outputKey, 'system', 'history'], reading, tally)]
  },
}

/** An instruction and the text that it is about, as two paragraphs of one turn. */
export const withInput = (instruction: string, input: string): string =>
  input === '' ? instruction : `${instruction}\n\n${input}`

function earlierTurns(history: JsonValue | undefined, reading: RowReading, tally: RowTally): Message[] {
  if (history === undefined || history === '') return []
  if (!Array.isArray(history)) {
    reading.report('alpaca.history', '/history', `history is ${kindOf(history)}`)
    return []
  }
  return history.flatMap((pair, index) => {
    const at = `/history/${index}`
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((side) => typeof side === 'string')) {
      reading.report('alpaca.history', at, 'The entry is not a pair of strings')
      return []
    }
    const [question, answer] = pair as [string, string]
    return [
      say('user', question, `${at}/0`, reading, tally),
      say('assistant', answer, `${at}/1`, reading, tally),
    ]
  })
}
