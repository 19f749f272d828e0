import type { DatasetFormat } from '#lib/training/dataset.types.ts'
import { findSensitive, type Sensitive } from '../report/find-sensitive.ts'
import { type Finding, type Place, placed } from '../report/place.ts'
import { ProblemLog } from '../report/problem-log.ts'
import { ProblemRowLog } from '../report/problem-rows.ts'
import { RowPrinter } from '../report/row-prints.ts'
import { type RuleId, rules } from '../report/rules.ts'
import { SensitiveParts } from '../report/sensitive-parts.ts'
import { addRow, emptySums } from '../report/statistics.ts'
import { type RowOutcome, RowReader } from '../rows/row-reader.ts'
import { firstBadByte, type TextCodec } from '../rows/row-text.ts'
import type { BlockScan } from '../scan/block-scan.ts'
import { anyInOrder } from './any-in-order.ts'
import type { Block, BlockContext, BlockOptions, BlockReading, RowSink } from './block.ts'
import { csvRecords } from './csv-records.ts'
import { csvRow } from './csv-row.ts'
import { formatOfBlock } from './format-of-block.ts'
import { eachElement, eachLine } from './row-spans.ts'
import { textRows } from './text-rows.ts'

/** Reads every row of a block and hands the canonical ones to the sink. The same in a worker and in a browser. */
export function readBlock(
  block: Block,
  options: BlockOptions,
  context: BlockContext,
  codec: TextCodec,
  sink: RowSink,
): BlockReading {
  const format = context.format ?? formatOfBlock(block, options, codec)
  const pass = new BlockPass(block.bytes, { options, context, format: format ?? 'jsonl', codec, sink })
  const { layout } = options
  if (layout.container === 'jsonl') pass.readLines()
  else if (layout.container === 'parquet') pass.readParquet()
  else if (layout.container === 'json') pass.readElements(block.rowEnds!)
  else if (layout.container === 'text') pass.readText(layout.split)
  else pass.readTable(layout.delimiter, layout.columns)
  return pass.finish(format)
}

interface PassOptions {
  options: BlockOptions
  context: BlockContext
  format: DatasetFormat
  codec: TextCodec
  sink: RowSink
}

class BlockPass {
  private readonly log = new ProblemLog()
  private readonly sums = emptySums()
  private readonly collisions = new Map<string, number>()
  private readonly reader: RowReader
  private readonly scan: BlockScan
  /** The rows may be such as are read from their bytes. */
  private readonly mayBePlainChat: boolean
  private readonly printer: RowPrinter
  private readonly sensitive: SensitiveParts
  private readonly allUtf8: boolean
  private readonly hasReturns: boolean
  private rowsRead = 0
  private rowsStored = 0
  private rowsRefused = 0
  private lines = 0
  private tooLong: Place | null = null
  private readonly problemRows: ProblemRowLog | null
  /** Where the row that is being read stands: in the block, or in `rawText` where it is no bytes any more. */
  private rawStart = 0
  private rawEnd = 0
  private rawText: string | null = null
  private readonly bytes: Uint8Array
  private readonly options: BlockOptions
  private readonly codec: TextCodec
  private readonly sink: RowSink

  constructor(bytes: Uint8Array, { options, context, format, codec, sink }: PassOptions) {
    this.bytes = bytes
    this.printer = new RowPrinter(context)
    this.problemRows = context.problemRoom && new ProblemRowLog(context.problemRoom, codec)
    this.scan = codec.scan(bytes)
    this.sensitive = new SensitiveParts(bytes, findSensitive(bytes, codec, this.scan))
    this.options = options
    this.codec = codec
    this.sink = sink
    const { depthMax, declaredFormat } = options
    this.reader = new RowReader({ format, depthMax, declared: declaredFormat !== 'auto' })
    this.allUtf8 = codec.isUtf8(bytes)
    this.mayBePlainChat = format === 'chatml' && this.allUtf8 && depthMax >= plainChatDepth
    this.hasReturns = bytes.indexOf(0x0d) !== -1
  }

  readLines(): void {
    this.lines = eachLine(this.bytes, (start, end, line) => this.jsonRow(start, end, { line, index: null }))
  }

  /** A line of JSON each, but not of the file: rows have indexes. */
  readParquet(): void {
    eachLine(this.bytes, (start, end, line) => this.jsonRow(start, end, { line: null, index: line - 1 }))
  }

  readElements(rowEnds: Uint32Array): void {
    eachElement(this.bytes, rowEnds, (start, end, index) => this.jsonRow(start, end, { line: null, index }))
  }

  readText(split: 'line' | 'paragraph' | 'document'): void {
    const bad = this.badLines()
    const text = this.codec.decode(this.bytes, 0, this.bytes.length)
    this.lines = newlinesIn(this.bytes)
    for (const row of textRows(text, split)) {
      const place = { line: row.line, index: null }
      this.standAt(0, row.text.length, row.text)
      if (row.text.length > this.options.rowBytesMax) this.tooLong ??= place
      if (bad(row.line, row.lines)) this.take(null, place)
      else this.takeText(this.reader.readValue({ text: row.text }), row.text, place, row.lines)
    }
  }

  readTable(delimiter: string, columns: readonly string[]): void {
    const bad = this.badLines()
    const text = this.codec.decode(this.bytes, 0, this.bytes.length)
    this.lines = newlinesIn(this.bytes)
    for (const { cells, line, lines, start, end, badQuote } of csvRecords(text, delimiter)) {
      this.standAt(start, end, text)
      const place = { line, index: null }
      const ragged = cells.length !== columns.length
      if (bad(line, lines)) this.take(null, place)
      else if (badQuote) this.refuse(place, 'csv.quote', 'A quoted cell is not closed where it should be')
      else if (ragged) {
        const counts = `The row has ${cells.length} cells, the header ${columns.length} columns`
        this.refuse(place, 'csv.columns', counts)
      } else {
        this.takeText(this.reader.readValue(csvRow(columns, cells)), cells.join(cellEnd), place, lines)
      }
    }
  }

  finish(format: DatasetFormat | null): BlockReading {
    return {
      format,
      rowsRead: this.rowsRead,
      rowsStored: this.rowsStored,
      rowsRefused: this.rowsRefused,
      lines: this.lines,
      problems: this.log.logged(),
      errorCount: this.log.errorTotal,
      problemRows: this.problemRows?.logged() ?? null,
      sums: this.sums,
      collisions: Object.fromEntries(this.collisions),
      prints: this.printer.finish(),
      tooLong: this.tooLong,
    }
  }

  /** Returns whether to go on. */
  private jsonRow(start: number, end: number, place: Place): boolean {
    if (end - start > this.options.rowBytesMax) {
      this.tooLong = place
      return false
    }
    this.standAt(start, end)
    if (this.mayBePlainChat && this.scan.readsChat(start, end)) {
      this.plainRow(start, end, place)
      return true
    }
    const row = this.allUtf8 ? null : this.bytes.subarray(start, end)
    if (row !== null && !this.codec.isUtf8(row)) {
      const message = `Byte ${firstBadByte(row, this.codec) + 1} of the row is no UTF-8`
      this.refuse(place, 'encoding.utf8', message)
      return true
    }
    const text = this.codec.decode(this.bytes, start, end)
    const outcome = this.reader.readJson(text)
    if (!this.take(outcome, place, this.sensitive.within(start, end))) return true
    this.printer.row(this.bytes, start, end, () => outcome.rows)
    if (outcome.texts === null) this.storeAsItIs(text, start, end, place)
    return true
  }

  /** A row that goes as it is, of which nothing had to be made. */
  private plainRow(start: number, end: number, place: Place): void {
    const { tally, breaks } = this.scan
    this.rowsRead++
    const sensitive = this.sensitive.within(start, end)
    if (sensitive.length > 0 && !this.takeSensitive(sensitive, place)) return
    addRow(this.sums, tally)
    this.rowsStored++
    this.printer.row(this.bytes, start, end, () => this.reader.readJson(this.raw()).rows)
    if (breaks.length === 0) this.sink.same(start, end)
    else this.sink.without(breaks, start, end)
  }

  /** A valid JSON text has line breaks only between its tokens, so they can simply be left out. */
  private storeAsItIs(text: string, start: number, end: number, place: Place): void {
    const broken =
      place.line === null
        ? text.includes('\n') || text.includes('\r')
        : this.hasReturns && text.includes('\r')
    if (broken) this.sink.text(text.replace(/[\r\n]+[ \t\r\n]*/g, ''))
    else this.sink.same(start, end)
  }

  /** A row that came as a text in a table or between line breaks. */
  private takeText(outcome: RowOutcome, text: string, place: Place, lines: number): void {
    if (!this.take(outcome, place, this.sensitive.inLines(place.line!, lines))) return
    const bytes = this.codec.encode(text)
    this.printer.row(bytes, 0, bytes.length, () => outcome.rows)
  }

  /** Counts a row, and stores it unless it goes as it is. Returns whether it is kept. */
  private take(
    outcome: RowOutcome | null,
    place: Place,
    sensitive: readonly Sensitive[] = nothingSensitive,
  ): boolean {
    this.rowsRead++
    if (outcome === null) {
      this.rowsRefused++
      return false
    }
    const { reading } = this.reader
    for (const finding of reading.findings) {
      // What else might be odd about a row that is refused is noise.
      if (!reading.failed || rules[finding.rule].severity === 'error') this.report(finding, place)
    }
    if (reading.failed) {
      this.rowsRefused++
      return false
    }
    if (sensitive.length > 0 && !this.takeSensitive(sensitive, place)) return false
    for (const key of reading.collisions) this.collisions.set(key, (this.collisions.get(key) ?? 0) + 1)
    for (const { tally } of outcome.rows) addRow(this.sums, tally)
    this.rowsStored += outcome.rows.length
    if (outcome.texts !== null) for (const text of outcome.texts) this.sink.text(text)
    return outcome.rows.length > 0
  }

  /** Returns whether the row may stay. */
  private takeSensitive(sensitive: readonly Sensitive[], place: Place): boolean {
    let stays = true
    for (const { rule, message } of sensitive) {
      const refuses = rule === 'privacy.secret' && this.options.onSecret === 'refuse'
      if (refuses) stays = false
      const severity = refuses ? 'error' : undefined
      this.report({ rule, pointer: '', message, severity }, place)
    }
    if (!stays) this.rowsRefused++
    return stays
  }

  private refuse(place: Place, rule: RuleId, message: string): void {
    this.rowsRead++
    this.rowsRefused++
    this.report({ rule, pointer: '', message }, place)
  }

  private standAt(start: number, end: number, text: string | null = null): void {
    this.rawStart = start
    this.rawEnd = end
    this.rawText = text
  }

  private report(finding: Finding, place: Place): void {
    const problem = placed(finding, place)
    this.log.add(problem)
    this.problemRows?.add(problem, this.raw)
  }

  /** The row as it came; bytes that are no UTF-8 as U+FFFD. */
  private readonly raw = (): string =>
    this.rawText?.slice(this.rawStart, this.rawEnd) ??
    this.codec.decode(this.bytes, this.rawStart, this.rawEnd)

  /** Reports every line that is no UTF-8; tells whether a range of lines has one. */
  private badLines(): (line: number, lines: number) => boolean {
    if (this.allUtf8) return () => false
    const bad: number[] = []
    eachLine(this.bytes, (start, end, line) => {
      const bytes = this.bytes.subarray(start, end)
      if (!this.codec.isUtf8(bytes)) {
        bad.push(line)
        const message = `Byte ${firstBadByte(bytes, this.codec) + 1} of the line is no UTF-8`
        this.standAt(start, end)
        this.report({ rule: 'encoding.utf8', pointer: '', message }, { line, index: null })
      }
      return true
    })
    return anyInOrder(bad)
  }
}

/** Of a list of messages in a row. */
const plainChatDepth = 3
const nothingSensitive: readonly Sensitive[] = []
/** Between cells, where no cell has it: two tables' rows are one only when every cell is. */
const cellEnd = '\u001f'

function newlinesIn(bytes: Uint8Array): number {
  let count = 0
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x0a) count++
  return count
}
