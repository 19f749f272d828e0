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
    checkAnswer(chosen, '/chosen', reading)
    checkAnswer(rejected, '/rejected', reading)

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

/** Trainers learn from the last turn of a side, whoever says it. */
function checkAnswer(side: Message[], pointer: string, reading: RowReading): void {
  const role = side.at(-1)?.role
  if (role === undefined || role === 'assistant') return
  reading.report('dpo.last_turn', pointer, `The last turn of ${pointer.slice(1)} is by the ${role}`)
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

/** The prompt and what both answers repeat of its end; said twice, it counts once. */
function joined(prompt: Message[], repeated: Message[]): Message[] {
  const systemSaid = repeated[0]?.role === 'system'
  const begun = systemSaid ? repeated.slice(1) : repeated
  const dialogue = prompt.filter((message) => message.role !== 'system')
  const isRepeatedWhole = overlapOf(begun, dialogue) === dialogue.length
  const overlap = isRepeatedWhole ? dialogue.length : overlapOf(dialogue, begun)
  if (overlap === 0) return [...prompt, ...repeated]
  const system = systemSaid ? repeated.slice(0, 1) : prompt.filter((message) => message.role === 'system')
  return [...system, ...dialogue.slice(0, dialogue.length - overlap), ...begun]
}

/** How many turns at the end of the one are the beginning of the other. */
function overlapOf(one: Message[], other: Message[]): number {
  let overlap = Math.min(one.length, other.length)
  const isThere = () => one.slice(one.length - overlap).every((turn, at) => sameTurn(turn, other[at]!))
  while (overlap > 0 && !isThere()) overlap--
  return overlap
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
