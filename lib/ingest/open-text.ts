import type { Layout, TextSplit } from './blocks/layout.ts'
import type { Ledger } from './ledger.ts'
import { refusal } from './refusal.ts'
import type { Finding } from './report/place.ts'
import { type Encoding, sniffEncoding, toUtf8 } from './source/encoding.ts'
import { foreignFile } from './source/foreign-file.ts'
import { isParquet } from './source/magic.ts'
import { peek } from './source/peek.ts'
import { skipBlankStart } from './source/skip-blank.ts'
import { sniffBytes, sniffLayout } from './source/sniff-layout.ts'

export interface OpenedText {
  /** UTF-8 without byte order mark, from the first line that is not blank. */
  stream: AsyncIterable<Uint8Array>
  layout: Layout
  /** Of the source, before the stream begins. */
  skippedBytes: number
  /** What stands in front of the list of rows in a JSON document. */
  opening: Uint8Array
}

/** Enough to know a file by its magic bytes, a tar archive's included. */
const magicBytes = 4096

export interface OpenTextOptions {
  split?: TextSplit
  /** The stream is only the beginning of the file. */
  partial?: boolean
  /** Reads the rows of a Parquet file as lines of JSON; absent where that cannot be done. */
  parquet?: ((file: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) | undefined
}

/**
 * Takes off what decompressed text is still wrapped in (encoding, blank lines) and finds out how it holds its rows.
 * Throws the refusal of a file that holds none.
 */
export async function openText(
  source: AsyncIterable<Uint8Array>,
  options: OpenTextOptions,
  ledger: Ledger,
): Promise<OpenedText> {
  const raw = await peek(source, magicBytes)
  if (isParquet(raw.head)) return openParquet(raw.stream, options, ledger)
  const encoding = sniffEncoding(raw.head)
  ledger.encoding = encoding === 'utf-8-bom' ? 'utf-8' : encoding
  noteEncoding(encoding, ledger)
  const foreign = encoding.startsWith('utf-8') ? foreignFile(raw.head) : null
  if (foreign !== null) {
    const message = `The file looks like ${foreign}`
    await refuse(raw.stream, ledger, { rule: 'file.binary', pointer: '', message })
  }

  const blank = { lines: 0, bytes: 0 }
  const text = await peek(
    skipBlankStart(toUtf8(raw.stream, encoding, { partial: options.partial === true }), blank),
    sniffBytes + 1,
  )
  ledger.lines = blank.lines
  if (text.head.length === 0) {
    const message = raw.head.length === 0 ? 'The file is empty' : 'The file holds nothing but blank space'
    await refuse(text.stream, ledger, { rule: 'file.empty', pointer: '', message })
  }
  // However much more the chunks brought: what a file is must not depend on how it came.
  const head = text.head.subarray(0, sniffBytes)
  const complete = text.complete && text.head.length <= sniffBytes && options.partial !== true
  const start = new TextDecoder('utf-8', { ignoreBOM: true }).decode(head, { stream: !complete })
  const { layout, notes } = sniffLayout(start, complete, options.split)
  ledger.container = layout.container
  for (const note of notes) ledger.note(note)
  if (layout.container === 'csv' || layout.container === 'tsv') {
    await checkHeader(layout.columns, text.stream, ledger)
    ledger.lines += newlinesIn(head.subarray(0, layout.start))
  }
  const skippedBytes = blank.bytes + (encoding === 'utf-8-bom' ? 3 : 0)
  return { stream: text.stream, layout, skippedBytes, opening: head.subarray(0, layout.start) }
}

async function openParquet(
  stream: AsyncGenerator<Uint8Array>,
  { parquet }: OpenTextOptions,
  ledger: Ledger,
): Promise<OpenedText> {
  ledger.container = 'parquet'
  if (!parquet) {
    const message = 'A Parquet file can only be read when all of it is there'
    return refuse(stream, ledger, { rule: 'file.binary', pointer: '', message })
  }
  const layout = { container: 'parquet', start: 0 } as const
  return { stream: parquet(stream), layout, skippedBytes: 0, opening: new Uint8Array(0) }
}

function noteEncoding(encoding: Encoding, ledger: Ledger): void {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const order = encoding === 'utf-16le' ? 'little-endian' : 'big-endian'
    ledger.note(`The file was in UTF-16 (${order}); it was read as that and stored as UTF-8.`)
  }
}

async function checkHeader(columns: string[], stream: AsyncGenerator, ledger: Ledger): Promise<void> {
  const twice = columns.find((column, index) => columns.indexOf(column) !== index)
  if (twice === undefined) return
  const message = `The column ${JSON.stringify(twice)} is there twice`
  await refuse(stream, ledger, { rule: 'csv.header', pointer: '', message }, 1)
}

/** Gives up on a file that cannot be read at all, and lets go of its source. */
async function refuse(
  stream: AsyncGenerator,
  ledger: Ledger,
  finding: Finding,
  line: number | null = null,
): Promise<never> {
  await stream.return(undefined)
  ledger.find(finding, { line, index: null })
  throw refusal(ledger)
}

function newlinesIn(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte === 0x0a) count++
  return count
}
