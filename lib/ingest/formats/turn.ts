import type { JsonValue } from '#lib/training/dataset.types.ts'
import { type Role, type RowTally, tallyTurn } from '../report/row-tally.ts'
import { inspectValue } from '../rows/inspect-value.ts'
import { contentLength } from './content.ts'
import { define, isObject, kindOf, quoted } from './json-object.ts'
import type { JsonObject } from './row-format.ts'
import type { RowReading } from './row-reading.ts'
import { toolCallsOf } from './tool-calls.ts'

export interface Message extends JsonObject {
  role: Role
}

/** The names that data in the wild gives to the four roles, and to an assistant that calls a function. */
const roleNames: ReadonlyMap<string, Role | 'function_call'> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['prompter', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
  ['chatgpt', 'assistant'],
  ['bing', 'assistant'],
  ['bard', 'assistant'],
  ['bot', 'assistant'],
  ['model', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
  ['observation', 'tool'],
  ['ipython', 'tool'],
  ['function_call', 'function_call'],
  ['tool_call', 'function_call'],
] as const)

/**
 * One turn, `{role, content}` or `{from, value}`, as a canonical message; the same object when it is one already.
 * Null when it is none.
 */
export function readTurn(
  turn: JsonValue,
  base: string,
  index: number | string,
  reading: RowReading,
  tally: RowTally,
): Message | null {
  if (!isObject(turn)) {
    reading.report('messages.turn', `${base}/${index}`, `The turn is ${kindOf(turn)}`)
    return null
  }
  const roleKey = Object.hasOwn(turn, 'role') ? 'role' : 'from'
  const contentKey = Object.hasOwn(turn, 'content') ? 'content' : 'value'
  const name = Object.hasOwn(turn, roleKey) ? turn[roleKey] : undefined
  const role =
    typeof name === 'string' ? (roleNames.get(name) ?? roleNames.get(name.toLowerCase())) : undefined
  if (role === undefined) {
    const message = typeof name === 'string' ? `The role is ${quoted(name)}` : 'The turn has no role'
    reading.report(
      'messages.role',
      name === undefined ? `${base}/${index}` : `${base}/${index}/${roleKey}`,
      message,
    )
    return null
  }
  const content = Object.hasOwn(turn, contentKey) ? turn[contentKey]! : null
  const pointer = () => `${base}/${index}/${contentKey}`
  if (role === 'function_call')
    return functionCall(turn, content, pointer, roleKey, contentKey, reading, tally)

  tallyTurn(tally, role, charactersOf(turn, content, role, pointer, reading, tally))
  const canonical =
    name === role && roleKey === 'role' && contentKey === 'content' && Object.hasOwn(turn, 'content')
  return canonical ? (turn as Message) : rebuilt(turn, { role, content }, roleKey, contentKey)
}

function charactersOf(
  turn: JsonObject,
  content: JsonValue,
  role: Role,
  pointer: () => string,
  reading: RowReading,
  tally: RowTally,
): number {
  const calls = callCharacters(turn, pointer, reading)
  if (content === null) {
    if (calls === 0 || role !== 'assistant') {
      reading.report('messages.content', pointer(), 'The turn has no content')
    }
    return calls
  }
  if (content === '' && calls === 0) reading.report('messages.empty', pointer(), `The ${role} turn is empty`)
  return calls + contentLength(content, pointer, reading, tally)
}

/** Characters of the calls that an assistant makes beside, or instead of, saying something. */
function callCharacters(turn: JsonObject, pointer: () => string, reading: RowReading): number {
  const calls = Object.hasOwn(turn, 'tool_calls') ? turn.tool_calls : null
  if (calls !== null && calls !== undefined) {
    if (Array.isArray(calls) && calls.every(isObject)) return calls.length && JSON.stringify(calls).length
    const place = pointer().replace(/\/[^/]*$/, '/tool_calls')
    reading.report(
      'messages.tool_calls',
      place,
      `tool_calls is ${Array.isArray(calls) ? 'a list of other things' : kindOf(calls)}`,
    )
    return 0
  }
  const legacy = Object.hasOwn(turn, 'function_call') ? turn.function_call : null
  return isObject(legacy) ? JSON.stringify(legacy).length : 0
}

/** The row, its list of messages, the message. */
const levelsAboveCalls = 3

function functionCall(
  turn: JsonObject,
  content: JsonValue,
  pointer: () => string,
  roleKey: string,
  contentKey: string,
  reading: RowReading,
  tally: RowTally,
): Message {
  const calls = toolCallsOf(content)
  // In a string as it came, it is no part of the row's own depth; as a tool call it would be.
  const tooDeep = calls !== null && inspectValue(calls, reading.depthMax - levelsAboveCalls).tooDeep
  if (calls === null || tooDeep) {
    reading.report(
      'messages.function_call',
      pointer(),
      tooDeep
        ? `The function call nests deeper than a row may, ${reading.depthMax} levels`
        : 'The function call is not JSON with a name and arguments',
    )
    tallyTurn(tally, 'assistant', contentLength(content, pointer, reading, tally))
    return rebuilt(turn, { role: 'assistant', content }, roleKey, contentKey)
  }
  tallyTurn(tally, 'assistant', JSON.stringify(calls).length)
  return rebuilt(turn, { role: 'assistant', content: null, tool_calls: calls }, roleKey, contentKey)
}

/** The message with whatever else the turn had: names, weights, ids of tool calls. */
function rebuilt(turn: JsonObject, message: Message, roleKey: string, contentKey: string): Message {
  for (const key of Object.keys(turn)) {
    if (key !== roleKey && key !== contentKey && !Object.hasOwn(message, key))
      define(message, key, turn[key]!)
  }
  return message
}
