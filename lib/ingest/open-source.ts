import type { Layout } from './blocks/layout.ts'
import type { IngestOptions } from './ingest.types.ts'
import type { Ledger } from './ledger.ts'
import { receive } from './receive.ts'
import { refusal } from './refusal.ts'
import type { Finding } from './report/place.ts'
import { sniffCompression } from './source/compression.ts'
import { type Encoding, sniffEncoding, toUtf8 } from './source/encoding.ts'
import { foreignFile } from './source/foreign-file.ts'
import { inflate } from './source/inflate.ts'
import { peek } from './source/peek.ts'
import { skipBlankStart } from './source/skip-blank.ts'
import { sniffBytes, sniffLayout } from './source/sniff-layout.ts'

export interface OpenedSource {
  /** UTF-8 without byte order mark, from the first line that is not blank. */
  stream: AsyncIterable<Uint8Array>
  layout: Layout
}

/** Enough to know a file by its magic bytes, a tar archive's included. */
const magicBytes = 4096

/** Takes off what a file is wrapped in (compression, encoding, blank lines) and finds out how it holds its rows. */
export async function openSource(
  source: AsyncIterable<Uint8Array>,
  options: IngestOptions,
  ledger: Ledger,
  onReceived: (bytes: number) => void,
): Promise<OpenedSource> {
  const received = await peek(receive(source, options.signal, onReceived), magicBytes)
  const compression = sniffCompression(received.head)
  ledger.compression = compression
  const inflated =
    compression === 'none' ? received.stream : inflate(received.stream, compression, options.limits)

  const raw = await peek(counted(inflated, ledger), magicBytes)
  const encoding = sniffEncoding(raw.head)
  ledger.encoding = encoding === 'utf-8-bom' ? 'utf-8' : encoding
  noteEncoding(encoding, ledger)
  if (encoding.startsWith('utf-8')) await refuseForeign(raw.head, raw.stream, ledger)

  const blank = { lines: 0 }
  const text = await peek(skipBlankStart(toUtf8(raw.stream, encoding), blank), sniffBytes)
  ledger.lines = blank.lines
  if (text.head.length === 0) {
    const message = ledger.rawSizeBytes === 0 ? 'The file is empty' : 'The file holds nothing but blank space'
    await refuse(text.stream, ledger, { rule: 'file.empty', pointer: '', message })
  }
  const head = new TextDecoder('utf-8', { ignoreBOM: true }).decode(text.head, { stream: !text.complete })
  const { layout, notes } = sniffLayout(head, text.complete, options.split)
  ledger.container = layout.container
  for (const note of notes) ledger.note(note)
  if (layout.container === 'csv' || layout.container === 'tsv') {
    await checkHeader(layout.columns, text.stream, ledger)
    ledger.lines += newlinesIn(text.head.subarray(0, layout.start))
  }
  return { stream: text.stream, layout }
}

async function* counted(source: AsyncIterable<Uint8Array>, ledger: Ledger): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    ledger.rawSizeBytes += chunk.length
    yield chunk
  }
}

function noteEncoding(encoding: Encoding, ledger: Ledger): void {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') {
    const order = encoding === 'utf-16le' ? 'little-endian' : 'big-endian'
    ledger.note(`The file was in UTF-16 (${order}); it was read as that and stored as UTF-8.`)
  }
}

async function refuseForeign(head: Uint8Array, stream: AsyncGenerator, ledger: Ledger): Promise<void> {
  const name = foreignFile(head)
  if (name === null) return
  await refuse(stream, ledger, { rule: 'file.binary', pointer: '', message: `The file looks like ${name}` })
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
  throw refusal(ledger.report(), ledger.log.errorTotal)
}

const newlinesIn = (bytes: Uint8Array): number =>
  bytes.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0)
