import type { Block, BlockOptions, BlockReading } from './blocks/block.ts'
import { cutBlocks } from './blocks/cut-blocks.ts'
import { formatOfBlock, isQuickToTell } from './blocks/format-of-block.ts'
import { BufferPool } from './buffer-pool.ts'
import { inOrder } from './in-order.ts'
import type { IngestOptions, IngestResult } from './ingest.types.ts'
import { Ledger } from './ledger.ts'
import { levelOfMember } from './members/gzip-member.ts'
import { openText } from './open-text.ts'
import { receive } from './receive.ts'
import { refusal } from './refusal.ts'
import type { Finding } from './report/place.ts'
import { rowTooLong, startingAt } from './row-too-long.ts'
import { nodeCodec } from './rows/node-codec.ts'
import { sniffCompression } from './source/compression.ts'
import { inflate } from './source/inflate.ts'
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
  const { limits, onError } = options
  const ledger = new Ledger()
  const stored = new StoredObject()
  const progress = new Progress(options)
  const raw = await decompressed(source, options, ledger, progress)
  const { stream, layout } = await openText(raw, { split: options.split }, ledger)

  const inFlightMax = pool.workers + spareBlocks
  const buffers = new BufferPool(inFlightMax)
  const lane = pool.lane()
  const { rowBytesMax, depthMax } = limits
  const blockOptions: BlockOptions = { layout, declaredFormat: options.declaredFormat, rowBytesMax, depthMax }
  const refused = (): boolean => onError === 'refuse' && ledger.log.hasErrors
  const atEnd: Finding[] = []
  const blocks = cutBlocks(stream, {
    layout,
    rowBytesMax,
    allocate: (bytes) => buffers.allocate(bytes),
    tooLong: (startByte) => rowTooLong(rowBytesMax, startingAt(startByte)),
    onNote: (note) => ledger.note(note),
    onFinding: (finding) => atEnd.push(finding),
  })
  let ordinal = 0
  const work = (block: Block) => {
    if (isQuickToTell(block)) ledger.format ??= formatOfBlock(block, blockOptions, nodeCodec)
    const level = levelOfMember(ordinal++)
    return lane.run({ block, options: blockOptions, format: ledger.format, store: !refused(), level })
  }

  // While the format is not known, one block alone: it will tell.
  for await (const outcome of inOrder(blocks, work, () => (ledger.format === null ? 1 : inFlightMax))) {
    buffers.giveBack(outcome.buffer)
    if (outcome.tooLong !== null) throw rowTooLong(rowBytesMax, placeOf(outcome.tooLong, ledger))
    ledger.addBlock(outcome)
    progress.read(ledger.rowsRead)
    if (outcome.member === null || refused()) continue
    stored.add(outcome.member, outcome.rowsStored)
    yield outcome.member
  }

  ledger.close(atEnd)
  if (refused() || stored.members.length === 0) throw refusal(ledger)
  const { members, sizeBytes } = stored
  const result = { members, storedSizeBytes: sizeBytes, sha256: stored.sha256() }
  return { report: ledger.report(), rawSizeBytes: progress.inflatedBytes, ...result }
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
  inflatedBytes = 0
  private receivedBytes = 0
  private rowsRead = 0
  private readonly tell: IngestOptions['onProgress']

  constructor({ onProgress }: IngestOptions) {
    this.tell = onProgress
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
