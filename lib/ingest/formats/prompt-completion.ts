import { newTally } from '../report/row-tally.ts'
import { chatRow } from './chat-row.ts'
import { has, own } from './json-object.ts'
import { say } from './messages.ts'
import type { JsonObject, RowFormat } from './row-format.ts'
import { readSide } from './side.ts'
import { keyIn, optionalString } from './string-field.ts'

/** A question and its answer, whatever the two are called. */
const pairs = [
  ['prompt', 'completion'],
  ['prompt', 'response'],
  ['question', 'answer'],
] as const

export const promptCompletion: RowFormat = {
  id: 'prompt_completion',
  shape: 'chat',
  looksLike: '{"prompt": ..., "completion": ...}',

  matches: (row) => pairs.some(([prompt, answer]) => has(row, prompt, answer)),

  read(value, reading) {
    const row = value as JsonObject
    const tally = newTally()
    const [promptKey, answerKey] = pairs.find(([prompt, answer]) => has(row, prompt, answer)) ?? pairs[0]
    const systemKey = keyIn(row, 'system', 'system_prompt')
    const system = typeof own(row, systemKey) === 'string' ? optionalString(row, systemKey, reading) : ''
    const messages = [
      ...(system === '' ? [] : [say('system', system, `/${systemKey}`, reading, tally)]),
      ...readSide(row[promptKey], 'user', `/${promptKey}`, reading, tally),
      ...readSide(row[answerKey], 'assistant', `/${answerKey}`, reading, tally),
    ]
    const used = system === '' ? [promptKey, answerKey] : [promptKey, answerKey, systemKey]
    return [chatRow(messages, row, used, reading, tally)]
  },
}
