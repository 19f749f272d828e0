import type { DatasetFormat, JsonValue } from '#lib/training/dataset.types.ts'
import { formats, recognise } from '../formats/formats.ts'
import { isObject, kindOf, quoted } from '../formats/json-object.ts'
import type { CanonicalRow } from '../formats/row-format.ts'
import { RowReading } from '../formats/row-reading.ts'
import { countKeys, duplicateKeys } from './duplicate-keys.ts'
import { parseExact } from './exact-numbers.ts'
import { inspectValue } from './inspect-value.ts'
import { nestsTooDeep } from './json-depth.ts'
import { findMistake } from './json-syntax.ts'

/** A row that was read: what to store for it, or nothing when it failed. */
export interface RowOutcome {
  rows: CanonicalRow[]
  /** Text to store for each row; null when the text that came in can be stored as it is. */
  texts: string[] | null
}

const nothing: RowOutcome = { rows: [], texts: null }

/** Reads rows of one format: parse, check, bring into canonical form. Findings are on `reading` until the next row. */
export class RowReader {
  readonly reading: RowReading
  private readonly format: DatasetFormat
  private readonly declared: boolean
  private readonly depthMax: number

  constructor(options: { format: DatasetFormat; declared: boolean; depthMax: number }) {
    this.format = options.format
    this.declared = options.declared
    this.depthMax = options.depthMax
    this.reading = new RowReading(options.depthMax)
  }

  /** A row in JSON. `text` has no space around it. */
  readJson(text: string): RowOutcome {
    this.reading.begin()
    const value = this.parse(text)
    if (value === undefined) return nothing
    const inspection = inspectValue(value, this.depthMax)
    if (inspection.tooDeep) return this.tooDeep()
    const repeated = countKeys(text) === inspection.keys ? [] : duplicateKeys(text)
    for (const pointer of repeated) {
      this.reading.report(
        'json.duplicate_key',
        pointer,
        `The key ${quoted(pointer.slice(pointer.lastIndexOf('/') + 1))} comes more than once`,
      )
    }
    const rows = this.canonical(value)
    if (this.reading.failed) return nothing
    if (repeated.length === 0 && rows[0]?.unchanged) return { rows, texts: null }
    return { rows, texts: this.textsOf(inspection.hasNumbers ? this.exact(text) : rows) }
  }

  /** A row that never was JSON: a CSV record, whose cells may hold some, or a line of text. */
  readValue(value: JsonValue): RowOutcome {
    this.reading.begin()
    if (inspectValue(value, this.depthMax).tooDeep) return this.tooDeep()
    const rows = this.canonical(value)
    return this.reading.failed ? nothing : { rows, texts: this.textsOf(rows) }
  }

  private parse(text: string): JsonValue | undefined {
    if (nestsTooDeep(text, this.depthMax)) {
      this.tooDeep()
      return undefined
    }
    try {
      return JSON.parse(text) as JsonValue
    } catch {
      const { at, rule, message, expected } = findMistake(text)
      this.reading.report(rule, '', `${message} (${placeIn(text, at)})`, expected)
      return undefined
    }
  }

  private canonical(value: JsonValue): CanonicalRow[] {
    const format = formats[this.format]
    if (!format.matches(value)) return this.mismatch(value)
    if (!this.takesAnyMatch() && recognise(value) !== this.format) return this.mismatch(value)
    return format.read(value, this.reading)
  }

  /** Any object is a `jsonl` row, and whoever asks for `raw_text` means the text and not what stands beside it. */
  private takesAnyMatch(): boolean {
    return this.format === 'jsonl' || (this.declared && this.format === 'raw_text')
  }

  /** The rows once more, with the numbers as they were written. */
  private exact(text: string): CanonicalRow[] {
    const again = new RowReading(this.depthMax)
    return formats[this.format].read(parseExact(text), again)
  }

  private textsOf(rows: CanonicalRow[]): string[] {
    return rows.map(({ row }) => JSON.stringify(row))
  }

  private mismatch(value: JsonValue): CanonicalRow[] {
    const { id, looksLike } = formats[this.format]
    if (!isObject(value) && !Array.isArray(value)) {
      this.reading.report('row.object', '', `The row is ${kindOf(value)}`, looksLike)
      return []
    }
    const other = recognise(value)
    const message = other
      ? `The row looks like ${other}, the file is read as ${id}`
      : `The row is no ${id}: ${isObject(value) ? `its keys are ${keysOf(Object.keys(value))}` : 'it is a list'}`
    this.reading.report('format.mismatch', '', message, looksLike)
    return []
  }

  private tooDeep(): RowOutcome {
    this.reading.report('json.depth', '', `The row nests deeper than ${this.depthMax} levels`)
    return nothing
  }
}

/** A few key names, short enough for a message. */
const keysOf = (keys: string[]): string => {
  const shown = keys.slice(0, 4).map((key) => quoted(key, 12))
  return keys.length === 0 ? 'none' : `${shown.join(', ')}${keys.length > 4 ? ', ...' : ''}`
}

/** Column of a one-line row; line and column of a row that spans several. */
function placeIn(text: string, at: number): string {
  const before = text.slice(0, at)
  const lines = before.split('\n')
  const column = at - (before.lastIndexOf('\n') + 1) + 1
  return lines.length === 1 ? `column ${column}` : `line ${lines.length} of the row, column ${column}`
}
