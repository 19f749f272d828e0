import type { Block, BlockOptions, BlockReading } from './blocks/block.ts'
import { cutBlocks } from './blocks/cut-blocks.ts'
import { formatOfBlock, isQuickToTell } from './blocks/format-of-block.ts'
import type { Layout } from './blocks/layout.ts'
import { BufferPool } from './buffer-pool.ts'
import { engineBuild, type IngestCheckpoint, type ResumableIngestRun } from './checkpoint.ts'
import { inOrder } from './in-order.ts'
import type { IngestOptions, IngestResult } from './ingest.types.ts'
import { Ledger } from './ledger.ts'
import { type OpenedText, openText } from './open-text.ts'
import { parquetLines } from './parquet/parquet-lines.ts'
import { receive } from './receive.ts'
import { refusal } from './refusal.ts'
import type { Finding } from './report/place.ts'
import { rowTooLong, startingAt } from './row-too-long.ts'
import { nodeCodec } from './rows/node-codec.ts'
import { sniffCompression } from './source/compression.ts'
import { checkCaps, inflate } from './source/inflate.ts'
import { peek } from './source/peek.ts'
import { StoredObject } from './stored-object.ts'
import type { WorkerPool } from './worker-pool.ts'

/** Blocks of one upload that wait, are worked on, or wait to be written, beyond one for each worker. */
const spareBlocks = 2

/** One file through ingest: yields the members and returns the result, or throws as `IngestRun` says. */
export async function* ingestMembers(
  source: AsyncIterable<Uint8Array>,
  options: IngestOptions,
  pool: WorkerPool,
): AsyncGenerator<Uint8Array, IngestResult> {
  const pieces = ingestPieces(source, options, pool, { stored: new StoredObject(), from: null })
  try {
    for (;;) {
      const next = await pieces.next()
      if (next.done) return next.value!
      if (next.value.member !== null) yield next.value.member
    }
  } finally {
    await pieces.return(null)
  }
}

export interface PiecesOptions {
  stored: StoredObject
  /** The source goes on where this was made. */
  from: IngestCheckpoint | null
  /** Asked when the source is over: whether the rest of the file is still to come. */
  isPaused?: () => boolean
  /** Told how many blocks are cut and not done, whenever that changes. */
  onBlocksInFlight?: (count: number) => void
}

/** The same block by block; `ResumableIngestRun` says what comes out. */
export async function* ingestPieces(
  source: AsyncIterable<Uint8Array>,
  options: IngestOptions,
  pool: WorkerPool,
  { stored, from, isPaused, onBlocksInFlight }: PiecesOptions,
): ResumableIngestRun {
  const { limits, onError, onSecret, declaredFormat } = options
  const ledger = new Ledger(options.problemRows)
  if (from) ledger.restore(from.ledger)
  const progress = new Progress(options, from?.rawOffset ?? 0)
  const { stream, layout, skippedBytes, opening } = from
    ? resumedText(source, options, from, progress)
    : await openText(
        await decompressed(source, options, ledger, progress),
        { split: options.split, parquet: parquetReader(options, ledger) },
        ledger,
      )

  const inFlightMax = pool.workers + spareBlocks
  const buffers = new BufferPool(inFlightMax)
  const lane = pool.lane()
  const { rowBytesMax, depthMax } = limits
  const blockOptions: BlockOptions = { layout, declaredFormat, rowBytesMax, depthMax, onSecret }
  const refused = (): boolean => onError === 'refuse' && ledger.log.hasErrors
  const atEnd: Finding[] = []
  const blocks = cutBlocks(stream, {
    layout,
    rowBytesMax,
    allocate: (bytes) => buffers.allocate(bytes),
    tooLong: (startByte) => rowTooLong(rowBytesMax, startingAt((from?.textOffset ?? 0) + startByte)),
    onNote: (note) => ledger.note(note),
    onFinding: (finding) => atEnd.push(finding),
    ...(from ? { resumed: { opening } } : {}),
    isPaused,
  })
  const textEnds: { end: number; last: boolean }[] = []
  let ordinal = from?.blocks ?? 0
  let textEnd = from?.textOffset ?? layout.start
  const work = (block: Block) => {
    textEnd += block.bytes.length
    textEnds.push({ end: textEnd, last: block.last })
    onBlocksInFlight?.(textEnds.length)
    if (isQuickToTell(block)) ledger.format ??= formatOfBlock(block, blockOptions, nodeCodec)
    const context = ledger.contextOf(ordinal++)
    return lane.run({ block, options: blockOptions, context, store: !refused() })
  }

  let blocksDone = from?.blocks ?? 0
  // While the format is not known, one block alone: it will tell.
  for await (const outcome of inOrder(blocks, work, () => (ledger.format === null ? 1 : inFlightMax))) {
    buffers.giveBack(outcome.buffer)
    if (outcome.tooLong !== null) throw rowTooLong(rowBytesMax, placeOf(outcome.tooLong, ledger))
    ledger.addBlock(outcome)
    progress.read(ledger.rowsRead)
    const member = refused() ? null : outcome.member
    if (member !== null) stored.add(member, outcome.rowsStored)
    const { end: textOffset, last } = textEnds.shift()!
    onBlocksInFlight?.(textEnds.length)
    const blocksBefore = ++blocksDone
    const rawOffset = !last && canResume(ledger) ? skippedBytes + textOffset : null
    yield {
      member,
      rawOffset,
      rowsRead: ledger.rowsRead,
      checkpoint: () =>
        rawOffset === null
          ? null
          : {
              engine: engineBuild,
              rawOffset,
              textOffset,
              blocks: blocksBefore,
              layout: { ...layout, start: 0 } as Layout,
              opening: Buffer.from(opening).toString('base64'),
              ledger: ledger.save(),
              object: stored.save(),
            },
    }
  }
  if (isPaused?.()) return null

  await ledger.countTokens((texts) => pool.countTokens(texts), options.contextLength)
  ledger.close(atEnd)
  if (refused() || stored.members.length === 0) throw refusal(ledger)
  const { members, sizeBytes } = stored
  const result = { members, storedSizeBytes: sizeBytes, sha256: stored.sha256() }
  return { report: ledger.report(), rawSizeBytes: progress.inflatedBytes, ...result }
}

const parquetGroupBytesMax = 256 << 20

/** Parquet needs a place to lie in while it is read; what comes out of it is capped as what is inflated. */
function parquetReader({ hold, limits }: IngestOptions, ledger: Ledger) {
  if (!hold) return undefined
  return async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const file = await hold(bytes)
    const groupBytesMax = limits.parquetGroupBytesMax ?? parquetGroupBytesMax
    const lines = parquetLines(file, { groupBytesMax, onNote: (note) => ledger.note(note) })
    let bytesOut = 0
    for await (const chunk of lines) {
      bytesOut += chunk.length
      checkCaps(bytesOut, file.sizeBytes, limits)
      yield chunk
    }
  }
}

/** Whether bytes of text are bytes of the file, but for what was skipped at its beginning. */
const canResume = ({ compression, encoding, container }: Ledger): boolean =>
  compression === 'none' && encoding === 'utf-8' && container !== 'parquet'

function resumedText(
  source: AsyncIterable<Uint8Array>,
  options: IngestOptions,
  { layout, opening, rawOffset, textOffset }: IngestCheckpoint,
  progress: Progress,
): OpenedText {
  const received = receive(source, options.signal, (bytes) => progress.received(bytes))
  return {
    stream: progress.counting(received),
    layout,
    skippedBytes: rawOffset - textOffset,
    opening: Buffer.from(opening, 'base64'),
  }
}

async function decompressed(
  source: AsyncIterable<Uint8Array>,
  options: IngestOptions,
  ledger: Ledger,
  progress: Progress,
): Promise<AsyncIterable<Uint8Array>> {
  const received = receive(source, options.signal, (bytes) => progress.received(bytes))
  const { head, stream } = await peek(received, 4)
  ledger.compression = sniffCompression(head)
  const { compression } = ledger
  return progress.counting(compression === 'none' ? stream : inflate(stream, compression, options.limits))
}

/** How far a run is, told to whoever asked for it. */
class Progress {
  inflatedBytes: number
  private receivedBytes: number
  private rowsRead = 0
  private readonly tell: IngestOptions['onProgress']

  constructor({ onProgress }: IngestOptions, bytesBefore: number) {
    this.tell = onProgress
    this.inflatedBytes = bytesBefore
    this.receivedBytes = bytesBefore
  }

  received(bytes: number): void {
    this.receivedBytes += bytes
    this.tell?.({ receivedBytes: this.receivedBytes, rowsRead: this.rowsRead })
  }

  read(rows: number): void {
    this.rowsRead = rows
    this.tell?.({ receivedBytes: this.receivedBytes, rowsRead: this.rowsRead })
  }

  async *counting(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.inflatedBytes += chunk.length
      yield chunk
    }
  }
}

const placeOf = ({ line, index }: NonNullable<BlockReading['tooLong']>, ledger: Ledger): string =>
  line === null ? `with index ${ledger.rowsRead + index!}` : `in line ${ledger.lines + line}`
