import { AppError } from '#lib/errors/app-error.ts'
import type { DeclaredFormat, IngestReport, JsonValue } from '#lib/training/dataset.types.ts'
import type { BlockOptions } from './blocks/block.ts'
import { cutBlocks } from './blocks/cut-blocks.ts'
import type { TextSplit } from './blocks/layout.ts'
import { readBlock } from './blocks/read-block.ts'
import { Ledger } from './ledger.ts'
import { openText } from './open-text.ts'
import { refusal } from './refusal.ts'
import { countWithOwnTokenizer } from './report/count-tokens.ts'
import type { Finding } from './report/place.ts'
import type { ProblemRowSink } from './report/problem-row-book.ts'
import { rowTooLong, startingAt } from './row-too-long.ts'
import { webCodec } from './rows/row-text.ts'

export interface FirstBytesOptions {
  declaredFormat: DeclaredFormat
  split?: TextSplit
  /** What the bytes were taken out of; for the report. */
  compression?: IngestReport['compression']
  /** The rows of a Parquet file as lines of JSON, in place of its bytes. */
  parquet?: (onNote: (note: string) => void) => AsyncIterable<Uint8Array>
  /** The bytes are only the beginning of the file; a last row that they cut off is left out. */
  partial: boolean
  rowBytesMax: number
  depthMax: number
  onSecret?: 'warn' | 'refuse' | undefined
  contextLength?: number | undefined
  problemRows?: ProblemRowSink
  /** How many canonical rows to give back. */
  rowsMax: number
}

export interface FirstBytesCheck {
  /** Of these bytes alone. */
  report: IngestReport
  firstRows: JsonValue[]
  /** The refusal that the upload would end with, were the bytes the whole file and bad rows not skipped. */
  refusal: AppError | null
}

/**
 * Checks the first megabytes of a file before it is sent: the code and the words of the upload, without node, so that
 * it runs in a browser's worker. The bytes are decompressed already.
 */
export async function checkFirstBytes(
  head: Uint8Array,
  options: FirstBytesOptions,
): Promise<FirstBytesCheck> {
  const ledger = new Ledger(options.problemRows)
  const firstRows: JsonValue[] = []
  try {
    await readAll(head, options, ledger, (row) => {
      if (firstRows.length < options.rowsMax) firstRows.push(JSON.parse(row) as JsonValue)
    })
    const error = ledger.log.hasErrors ? refusal(ledger) : null
    return { report: ledger.report(), firstRows, refusal: error }
  } catch (error) {
    if (error instanceof AppError) return { report: ledger.report(), firstRows, refusal: error }
    throw error
  }
}

async function readAll(
  head: Uint8Array,
  options: FirstBytesOptions,
  ledger: Ledger,
  onRow: (row: string) => void,
): Promise<void> {
  const { split, partial, declaredFormat, rowBytesMax, depthMax, onSecret, contextLength } = options
  if (options.compression) ledger.compression = options.compression
  const parquet = options.parquet && (() => options.parquet!((note) => ledger.note(note)))
  const { stream, layout } = await openText(once(head), { split, partial, parquet }, ledger)
  const blockOptions: BlockOptions = { layout, declaredFormat, rowBytesMax, depthMax, onSecret }
  const atEnd: Finding[] = []
  const blocks = cutBlocks(stream, {
    layout,
    partial,
    rowBytesMax,
    allocate: (bytes) => new Uint8Array(bytes),
    tooLong: (startByte) => rowTooLong(rowBytesMax, startingAt(startByte)),
    onNote: (note) => ledger.note(note),
    onFinding: (finding) => atEnd.push(finding),
  })
  let ordinal = 0
  for await (const block of blocks) {
    const same = (start: number, end: number) => onRow(webCodec.decode(block.bytes, start, end))
    // Line breaks between its tokens change nothing in a row that is only looked at.
    const without = (_: readonly number[], start: number, end: number) => same(start, end)
    const sink = { same, without, text: onRow }
    ledger.addBlock(readBlock(block, blockOptions, ledger.contextOf(ordinal++), webCodec, sink))
  }
  await ledger.countTokens(countWithOwnTokenizer, contextLength)
  ledger.close(atEnd, { partial })
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
