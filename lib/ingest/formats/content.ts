import type { JsonValue } from '#lib/training/dataset.types.ts'
import type { RowTally } from '../report/row-tally.ts'
import { isObject, kindOf } from './json-object.ts'
import type { RowReading } from './row-reading.ts'

const textTypes = new Set(['text', 'input_text', 'output_text'])

/** Characters of a content that is a string or a list of parts; parts that are no text are only counted. */
export function contentLength(
  content: JsonValue,
  pointer: () => string,
  reading: RowReading,
  tally: RowTally,
): number {
  if (typeof content === 'string') return content.length
  if (!Array.isArray(content)) {
    reading.report('messages.content', pointer(), `The content is ${kindOf(content)}`)
    return 0
  }
  let characters = 0
  content.forEach((part, index) => {
    if (typeof part === 'string') {
      characters += part.length
      return
    }
    if (!isObject(part) || (typeof part.type !== 'string' && typeof part.text !== 'string')) {
      reading.report('messages.part', `${pointer()}/${index}`, `The part is ${partKind(part)}`)
      return
    }
    const text = part.text ?? part.value
    if (typeof part.type === 'string' && !textTypes.has(part.type)) tally.parts++
    else if (typeof text === 'string') characters += text.length
    else reading.report('messages.part', `${pointer()}/${index}`, 'The text part has no text')
  })
  return characters
}

const partKind = (part: JsonValue): string => (isObject(part) ? 'an object without a type' : kindOf(part))
