import type { JsonValue } from '#lib/training/dataset.types.ts'
import { newTally } from '../report/row-tally.ts'
import { withInput } from './alpaca.ts'
import { chatRow } from './chat-row.ts'
import { has, isObject, kindOf, pointerTo } from './json-object.ts'
import { say } from './messages.ts'
import type { CanonicalRow, JsonObject, RowFormat } from './row-format.ts'
import type { RowReading } from './row-reading.ts'
import { optionalString, stringField } from './string-field.ts'

/** `{"instruction", "instances": [{"input", "output"}]}`: a row for every instance. */
export const unnatural: RowFormat = {
  id: 'unnatural',
  shape: 'chat',
  looksLike: '{"instruction": ..., "instances": [{"input": ..., "output": ...}]}',

  matches: (row) => has(row, 'instruction', 'instances'),

  read(value, reading) {
    const row = value as JsonObject
    const instruction = stringField(row, 'instruction', reading)
    const { instances } = row
    if (!Array.isArray(instances) || instances.length === 0) {
      const kind = Array.isArray(instances) ? 'an empty list' : kindOf(instances)
      reading.report('unnatural.instances', '/instances', `instances is ${kind}`)
      return []
    }
    for (const key of Object.keys(row))
      if (row[key] !== null && isCovered(key, instances)) reading.collisions.push(key)
    return instances.flatMap((instance, index) => {
      if (isObject(instance)) return [instanceRow(row, instruction, instance, index, reading)]
      reading.report('unnatural.instances', `/instances/${index}`, `The instance is ${kindOf(instance)}`)
      return []
    })
  },
}

/** A key of the row that no row of an instance can keep, since the instance has it, or a turn is made of it. */
function isCovered(key: string, instances: readonly JsonValue[]): boolean {
  if (key === 'instruction' || key === 'instances') return false
  return (
    key === 'input' || key === 'output' || instances.some((one) => isObject(one) && Object.hasOwn(one, key))
  )
}

/** Keys of the instance stand before the same keys of the row that they belong to. */
function instanceRow(
  row: JsonObject,
  instruction: string,
  instance: JsonObject,
  index: number,
  reading: RowReading,
): CanonicalRow {
  const tally = newTally()
  const at = `/instances/${index}`
  const before = reading.findings.length
  const input = optionalString(instance, 'input', reading)
  const output = stringField(instance, 'output', reading)
  for (const finding of reading.findings.slice(before)) finding.pointer = at + finding.pointer
  const messages = [
    say('user', withInput(instruction, input), '/instruction', reading, tally),
    say('assistant', output, at + pointerTo('output'), reading, tally),
  ]
  const both: JsonObject = { ...row, ...instance }
  return chatRow(messages, both, ['instruction', 'instances', 'input', 'output'], reading, tally)
}
