import type { AppError } from '#lib/errors/app-error.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { IngestCheckpoint, IngestPiece, ResumableIngestRun } from '#lib/ingest/checkpoint.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import type { ResumablePut } from '#lib/storage/resumable-put.ts'
import type { ProblemFile } from '../problems/problem-file.ts'
import { putColumns } from '../put-columns.ts'
import { type IncomingFile, windowBytes } from './incoming-file.ts'
import { expiryFromNow, type UploadTurn } from './session-row.ts'

/** A checkpoint costs a sync and a note in the database, but what is not safe keeps new bytes out: after each block, */
const checkpointBytes = windowBytes / 4
/** at a moment when little of it has to be carried along, */
const cheapTailBytes = 1 << 20
/** but before the window is full. */
const checkpointBytesMax = windowBytes - (5 << 20)

export interface PiecesWork {
  run: ResumableIngestRun
  file: IncomingFile
  put: ResumablePut
  turn: UploadTurn
  /** Written with each checkpoint. */
  problems: ProblemFile
  /** Where the session stands. */
  offset: number
  /** Told when a checkpoint was written. */
  onSaved: () => void
}

export interface PiecesEnd {
  /** Of a file that is whole and accepted. */
  result: IngestResult | null
  /** Of a file that is not: it will not get better. */
  refusal: AppError | null
  /** Where the session stands now. */
  offset: number
}

/** Takes pieces from ingest to the store until the file, or this part of it, is over. */
export async function runPieces({
  run,
  file,
  put,
  turn,
  problems,
  offset: start,
  onSaved,
}: PiecesWork): Promise<PiecesEnd> {
  let safeOffset = start
  let unsaved: IngestPiece | null = null

  const save = async (checkpoint: IngestCheckpoint) => {
    const { rawOffset, ledger } = checkpoint
    await problems.flush(checkpoint.blocks)
    await turn.save({
      ...putColumns(await put.checkpoint()),
      checkpoint: JSON.stringify(checkpoint),
      raw_offset: rawOffset,
      rows_read: ledger.rowsRead,
      expires_at: expiryFromNow(),
    })
    onSaved()
    safeOffset = rawOffset
    unsaved = null
    file.markSafe(rawOffset)
  }
  let latest: IngestCheckpoint | null = null
  let isResumable = true

  try {
    for (;;) {
      const next = await nextPiece(run, file)
      if ('refusal' in next) return { result: null, refusal: next.refusal, offset: safeOffset }
      if (next.done) {
        if (unsaved && latest) await save(latest)
        return { result: next.result, refusal: null, offset: safeOffset }
      }
      const { piece } = next
      if (piece.member) await put.append(piece.member)
      const checkpoint = piece.checkpoint()
      if (checkpoint) {
        latest = checkpoint
        unsaved = piece
        const unsafe = checkpoint.rawOffset - safeOffset
        const cheap = unsafe >= checkpointBytes && put.tailBytes <= cheapTailBytes
        if (cheap || unsafe >= checkpointBytesMax) await save(checkpoint)
      } else if (isResumable && latest === null) {
        // There is no place inside: what the store has so far is only noted, so that somebody can remove it.
        isResumable = false
        file.markSafe(Number.POSITIVE_INFINITY)
        await turn.save({ ...putColumns(await put.checkpoint()), resumable: false })
      }
    }
  } finally {
    await run.return(null)
  }
}

type Next =
  | { done: false; piece: IngestPiece }
  | { done: true; result: IngestResult | null }
  | { refusal: AppError }

/** Errors of ingest are about the file; but what it says of a part that broke off says nothing. */
async function nextPiece(run: ResumableIngestRun, file: IncomingFile): Promise<Next> {
  try {
    const next = await run.next()
    return next.done ? { done: true, result: next.value } : { done: false, piece: next.value }
  } catch (error) {
    if (file.isPaused) return { done: true, result: null }
    if (isAppError(error) && ['invalid', 'limit', 'corrupt'].includes(error.kind)) return { refusal: error }
    throw error
  }
}
