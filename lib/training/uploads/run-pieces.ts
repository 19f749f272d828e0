import type { AppError } from '#lib/errors/app-error.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { IngestCheckpoint, IngestPiece, ResumableIngestRun } from '#lib/ingest/checkpoint.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import { putColumns } from '../put-columns.ts'
import { CheckpointNotes, type NotedPlace, type NotesNeeds } from './checkpoint-notes.ts'
import { type IncomingFile, windowBytes } from './incoming-file.ts'

/** A checkpoint costs a sync and a note in the database, but what is not safe keeps new bytes out: after each block, */
const checkpointBytes = windowBytes / 4
/** at a moment when little of it has to be carried along, */
const cheapTailBytes = 1 << 20
/** but before the window is full. */
const checkpointBytesMax = windowBytes - (5 << 20)

export interface PiecesWork extends NotesNeeds {
  run: ResumableIngestRun
  /** Where the session stands. */
  offset: number
  /** What is written down of it already. */
  from: IngestCheckpoint | null
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
export async function runPieces({ run, offset, from, ...needs }: PiecesWork): Promise<PiecesEnd> {
  const { file, put, turn } = needs
  const notes = new CheckpointNotes(needs, offset, from)
  let latest: NotedPlace | null = null
  let isNoted = true
  let isPlaceless = from === null
  let next = ahead(nextPiece(run, file))
  try {
    for (;;) {
      const came = await next
      if ('refusal' in came || came.done) {
        if (!('refusal' in came) && latest && !isNoted) await notes.begin(latest)
        await notes.written()
        return { refusal: null, result: null, ...came, offset: notes.safeOffset }
      }
      const { piece } = came
      const checkpoint = piece.checkpoint()
      const place = checkpoint && notes.take(checkpoint)
      // Worked on while the store and the disk take their time with this one.
      next = ahead(nextPiece(run, file))
      if (piece.member) await put.append(piece.member)
      if (place) {
        latest = place
        isPlaceless = false
        const unsafe = place.rawOffset - notes.begunOffset
        const cheap = unsafe >= checkpointBytes && put.tailBytes <= cheapTailBytes && !notes.isBusy
        isNoted = cheap || unsafe >= checkpointBytesMax
        if (isNoted) await notes.begin(place)
      } else {
        // The store stands behind a member that no place speaks of: noted now, it would be appended once more.
        isNoted = true
        if (!isPlaceless) continue
        // There is no place inside: what the store has so far is only noted, so that somebody can remove it.
        isPlaceless = false
        file.markSafe(Number.POSITIVE_INFINITY)
        await turn.save({ ...putColumns(await put.checkpoint()), resumable: false })
      }
    }
  } finally {
    // Else the next piece, which is waited for already, would have to come first.
    file.close()
    await run.return(null)
    await notes.written().catch(() => {})
  }
}

/** A failure is told to whoever waits for it; until then it is nobody's. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
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
