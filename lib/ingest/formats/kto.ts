import type { RowTally } from '../report/row-tally.ts'
import { newTally } from '../report/row-tally.ts'
import { withInput } from './alpaca.ts'
import { keepExtras } from './extras.ts'
import { has, hasAny, isObject, kindOf, own } from './json-object.ts'
import { type Message, readMessages, say } from './messages.ts'
import type { JsonObject, RowFormat } from './row-format.ts'
import type { RowReading } from './row-reading.ts'
import { readSide } from './side.ts'
import { keyIn, optionalString, stringField } from './string-field.ts'
import { checkTools } from './tools.ts'

/** A conversation, or a prompt and its completion, with a verdict: was the last answer wanted? */
export const kto: RowFormat = {
  id: 'kto',
  shape: 'kto',
  looksLike: '{"prompt": ..., "completion": ..., "label": true}',

  matches: (row) =>
    isObject(row) &&
    (typeof own(row, 'label') === 'boolean' || own(row, 'kto_tag') !== undefined) &&
    (hasAny(row, 'messages', 'conversations') ||
      has(row, 'prompt', 'completion') ||
      has(row, 'instruction', 'output')),

  read(value, reading) {
    const row = value as JsonObject
    const labelKey = keyIn(row, 'label', 'kto_tag')
    const label = own(row, labelKey)
    if (typeof label !== 'boolean') {
      reading.report('kto.label', `/${labelKey}`, `${labelKey} is ${kindOf(label)}`)
    }
    const tally = newTally()
    const { prompt, completion, used } = readBoth(row, reading, tally)
    checkTools(row, reading)
    if (reading.failed) return []

    const output = completion.reduce((sum, turn) => sum + lengthOf(turn), 0)
    const counted = { ...tally, output, input: tally.characters - output }
    const canonical: JsonObject = { prompt, completion, label: label as boolean }
    return [
      { row: keepExtras(canonical, row, [...used, labelKey], reading), unchanged: false, tally: counted },
    ]
  },
}

interface Both {
  prompt: Message[]
  completion: Message[]
  used: string[]
}

function readBoth(row: JsonObject, reading: RowReading, tally: RowTally): Both {
  const turnsKey = ['messages', 'conversations'].find((key) => own(row, key) !== undefined)
  const system = turnsKey === 'messages' ? '' : optionalString(row, 'system', reading)
  const opening = system === '' ? [] : [say('system', system, '/system', reading, tally)]
  if (turnsKey !== undefined) {
    const { messages } = readMessages(row[turnsKey], `/${turnsKey}`, reading, tally)
    if (!reading.failed && messages.at(-1)?.role !== 'assistant') {
      reading.report('kto.completion', `/${turnsKey}`, `The last turn is by the ${messages.at(-1)?.role}`)
    }
    const used = system === '' ? [turnsKey] : [turnsKey, 'system']
    return { prompt: [...opening, ...messages.slice(0, -1)], completion: messages.slice(-1), used }
  }
  if (own(row, 'prompt') === undefined) {
    const question = withInput(
      stringField(row, 'instruction', reading),
      optionalString(row, 'input', reading),
    )
    return {
      prompt: [...opening, say('user', question, '/instruction', reading, tally)],
      completion: readSide(row.output, 'assistant', '/output', reading, tally),
      used: ['instruction', 'input', 'output', 'system'],
    }
  }
  return {
    prompt: [...opening, ...readSide(row.prompt, 'user', '/prompt', reading, tally)],
    completion: readSide(row.completion, 'assistant', '/completion', reading, tally),
    used: system === '' ? ['prompt', 'completion'] : ['prompt', 'completion', 'system'],
  }
}

const lengthOf = ({ content }: Message): number => (typeof content === 'string' ? content.length : 0)
