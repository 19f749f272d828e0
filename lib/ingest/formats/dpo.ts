import type { JsonValue } from '#lib/training/dataset.types.ts'
import { newTally, type RowTally } from '../report/row-tally.ts'
import { withInput } from './alpaca.ts'
import { commonBeginning, sameTurn } from './common-beginning.ts'
import { keepExtras } from './extras.ts'
import { has, own } from './json-object.ts'
import { type Message, readMessages, say } from './messages.ts'
import type { CanonicalRow, JsonObject, RowFormat } from './row-format.ts'
import type { RowReading } from './row-reading.ts'
import { readSide } from './side.ts'
import { optionalString, stringField } from './string-field.ts'
import { checkTools } from './tools.ts'
import { isTranscript, transcriptTurns } from './transcript.ts'

/**
 * `{"prompt"?, "chosen", "rejected"}`. Answers may be strings, turns, or whole conversations; what two conversations
 * have in common at the beginning is the prompt.
 */
export const dpo: RowFormat = {
  id: 'dpo',
  shape: 'preference',
  looksLike: '{"prompt": ..., "chosen": ..., "rejected": ...}',

  matches: (row) => has(row, 'chosen', 'rejected'),

  read(value, reading) {
    const row = value as JsonObject
    const asked = newTally()
    const prompt = readPrompt(row, reading, asked)
    const answered = newTally()
    const chosen = readSide(turnsOf(row.chosen!), 'assistant', '/chosen', reading, answered)
    const rejected = readSide(turnsOf(row.rejected!), 'assistant', '/rejected', reading, answered)
    checkTools(row, reading)
    if (reading.failed) return []

    const shared = commonBeginning(chosen, rejected)
    const canonical: JsonObject = {
      prompt: joined(prompt.messages, chosen.slice(0, shared)),
      chosen: chosen.slice(shared),
      rejected: rejected.slice(shared),
    }
    if (
      chosen.length === rejected.length &&
      chosen.slice(shared).every((turn, i) => sameTurn(turn, rejected[shared + i]!))
    ) {
      reading.report('dpo.identical', '/rejected', 'The rejected answer is the chosen one')
    }
    const tally = preferenceTally(asked, answered, charactersOf(chosen.slice(0, shared)))
    return [finished(row, canonical, prompt.used, reading, tally)]
  },
}

const turnsOf = (side: JsonValue): JsonValue =>
  typeof side === 'string' && isTranscript(side) ? transcriptTurns(side) : side

/** What was asked, from whichever keys hold it, and those keys. */
function readPrompt(
  row: JsonObject,
  reading: RowReading,
  tally: RowTally,
): { messages: Message[]; used: string[] } {
  const messages: Message[] = []
  const used: string[] = []
  const system = own(row, 'system')
  if (typeof system === 'string') {
    used.push('system')
    if (system !== '') messages.push(say('system', system, '/system', reading, tally))
  }
  const key = ['prompt', 'conversations', 'messages', 'question'].find((name) => own(row, name) !== undefined)
  if (key !== undefined) {
    used.push(key)
    messages.push(...readAsked(row[key]!, key, reading, tally))
  } else if (own(row, 'instruction') !== undefined) {
    used.push('instruction', 'input')
    const question = withInput(
      stringField(row, 'instruction', reading),
      optionalString(row, 'input', reading),
    )
    messages.push(say('user', question, '/instruction', reading, tally))
  }
  return { messages, used }
}

function readAsked(value: JsonValue, key: string, reading: RowReading, tally: RowTally): Message[] {
  const turns = turnsOf(value)
  if (Array.isArray(turns) && turns.length > 0) return readMessages(turns, `/${key}`, reading, tally).messages
  if (Array.isArray(turns)) return []
  return readSide(turns, 'user', `/${key}`, reading, tally)
}

/** The prompt and what both answers repeat of it; said twice, it counts once. */
function joined(prompt: Message[], repeated: Message[]): Message[] {
  const dialogue = prompt.filter((message) => message.role !== 'system')
  const last = dialogue.at(-1)
  if (last === undefined) return [...prompt, ...repeated]
  const said = repeated.some((message) => sameTurn(message, last))
  if (!said) return [...prompt, ...repeated]
  const systemSaid = repeated[0]?.role === 'system'
  return [...prompt.filter((message) => message.role === 'system' && !systemSaid), ...repeated]
}

const charactersOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { content }) => sum + (typeof content === 'string' ? content.length : 0), 0)

/** What both answers repeat is asked once, whether or not a prompt said it too. */
function preferenceTally(asked: RowTally, answered: RowTally, repeated: number): RowTally {
  const answers = answered.characters - 2 * repeated
  const input = Math.max(asked.characters, repeated)
  return {
    input,
    output: answers / 2,
    characters: input + answers,
    turns: asked.turns + answered.turns,
    system: asked.system + answered.system,
    user: asked.user + answered.user,
    assistant: asked.assistant + answered.assistant,
    tool: asked.tool + answered.tool,
    parts: asked.parts + answered.parts,
    spoken: answers,
  }
}

function finished(
  row: JsonObject,
  canonical: JsonObject,
  used: string[],
  reading: RowReading,
  tally: RowTally,
): CanonicalRow {
  const sides = ['prompt', 'chosen', 'rejected']
  const unchanged =
    used.every((key) => key === 'prompt') && sides.every((side) => sameList(row[side], canonical[side]))
  if (unchanged) return { row, unchanged, tally }
  return { row: keepExtras(canonical, row, ['chosen', 'rejected', ...used], reading), unchanged, tally }
}

/** The very same messages: nothing had to be rebuilt, moved or added. */
const sameList = (one: JsonValue | undefined, other: JsonValue | undefined): boolean =>
  Array.isArray(one) &&
  Array.isArray(other) &&
  one.length === other.length &&
  one.every((turn, i) => turn === other[i])
