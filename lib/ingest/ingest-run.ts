import { limit } from '#lib/errors/app-error.ts'
import type { BlockOutcome } from './block-worker.ts'
import type { BlockOptions } from './blocks/block.ts'
import { cutBlocks } from './blocks/cut-blocks.ts'
import { BufferPool } from './buffer-pool.ts'
import { inOrder } from './in-order.ts'
import type { IngestOptions, IngestResult } from './ingest.types.ts'
import { Ledger } from './ledger.ts'
import { openSource } from './open-source.ts'
import { refusal } from './refusal.ts'
import type { WorkerPool } from './worker-pool.ts'

/** Blocks of one upload that wait, are worked on, or wait to be written, beyond one for each worker. */
const spareBlocks = 2

/** One file through ingest: yields the members and returns the result, or throws as `IngestRun` says. */
export async function* ingestMembers(
  source: AsyncIterable<Uint8Array>,
  options: IngestOptions,
  pool: WorkerPool,
): AsyncGenerator<Uint8Array, IngestResult> {
  const ledger = new Ledger()
  const { limits, onError } = options
  const progress = { receivedBytes: 0, rowsRead: 0 }
  const onReceived = (bytes: number): void => {
    progress.receivedBytes += bytes
    options.onProgress?.({ ...progress })
  }

  const opened = await openSource(source, options, ledger, onReceived)
  const inFlightMax = pool.workers + spareBlocks
  const buffers = new BufferPool(inFlightMax)
  const lane = pool.lane()
  const { layout } = opened
  const blockOptions: BlockOptions = { ...limits, layout, declaredFormat: options.declaredFormat }
  const refused = (): boolean => onError === 'refuse' && ledger.log.hasErrors

  const blocks = cutBlocks(opened.stream, {
    layout,
    rowBytesMax: limits.rowBytesMax,
    allocate: (bytes) => buffers.allocate(bytes),
    tooLong: () => rowTooLong(limits.rowBytesMax, `behind row ${ledger.rowsRead}`),
    onNote: (note) => ledger.note(note),
    onFinding: (finding, atEnd) => endFindings.push({ finding, atEnd }),
  })
  const endFindings: Array<{ finding: Parameters<Ledger['find']>[0]; atEnd: boolean }> = []
  const work = (block: Parameters<typeof lane.run>[0]['block']): Promise<BlockOutcome> =>
    lane.run({ block, options: blockOptions, format: ledger.format, store: !refused() })

  // One block alone until it has told the format of all.
  for await (const outcome of inOrder(blocks, work, () => (ledger.format === null ? 1 : inFlightMax))) {
    buffers.giveBack(outcome.buffer)
    if (outcome.tooLong !== null) throw rowTooLong(limits.rowBytesMax, placeOf(outcome.tooLong, ledger))
    ledger.addBlock(outcome)
    progress.rowsRead = ledger.rowsRead
    options.onProgress?.({ ...progress })
    if (outcome.member === null || refused()) continue
    ledger.addMember(outcome.member, outcome.rowsStored)
    yield outcome.member
  }

  for (const { finding, atEnd } of endFindings) {
    ledger.find(finding, {
      line: null,
      index: atEnd && finding.rule === 'json.truncated' ? ledger.rowsRead : null,
    })
  }
  if (!refused()) requireRows(ledger)
  if (refused() || ledger.members.length === 0) throw refusal(ledger.report(), ledger.log.errorTotal)
  return ledger.result()
}

function requireRows(ledger: Ledger): void {
  if (ledger.rowsRead === 0) {
    ledger.find({ rule: 'file.empty', pointer: '', message: 'The file has no rows' })
  } else if (ledger.members.length === 0) {
    ledger.find({ rule: 'file.no_rows', pointer: '', message: 'None of the rows can be kept' })
  }
}

const rowTooLong = (rowBytesMax: number, where: string) =>
  limit('row_too_long', 'A row is too long', `The row ${where} has more than ${rowBytesMax} bytes.`)

const placeOf = (place: { line: number | null; index: number | null }, ledger: Ledger): string =>
  place.line === null
    ? `with index ${ledger.rowsRead + place.index!}`
    : `in line ${ledger.lines + place.line}`
