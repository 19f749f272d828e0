/**
 * One request of an upload: bytes of the file from where the session stands, as many as come. They go through ingest
 * and into the store as they arrive; nothing waits on a disk of ours. Now and then a checkpoint is written: the
 * file up to a row boundary, the store up to the member behind it, and all that ingest knew there. Whoever
 * continues, in whatever process, begins at the last one, and the object becomes the same to the last byte.
 */
import type { User } from '#lib/auth/identity.ts'
import { conflict, isAppError } from '#lib/errors/app-error.ts'
import { engineBuild } from '#lib/ingest/checkpoint.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import type { Services } from '#lib/services.ts'
import type { ResumablePut } from '#lib/storage/resumable-put.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { openDatasetStore } from '../datasets/dataset-store.ts'
import { holdInStore } from '../datasets/hold-in-store.ts'
import { ingestOptionsOf } from '../datasets/ingest-options.ts'
import { ProblemFile } from '../problems/problem-file.ts'
import { putColumns } from '../put-columns.ts'
import { takeWriterTurn } from '../writer-turn.ts'
import { endUpload } from './end-upload.ts'
import { failUpload } from './fail-upload.ts'
import { IncomingFile } from './incoming-file.ts'
import { runPieces } from './run-pieces.ts'
import {
  fieldsOf,
  findSession,
  offsetOf,
  refusedBefore,
  type SessionRow,
  type UploadTurn,
} from './session-row.ts'
import {
  isConsistent,
  isStanding,
  openPut,
  readSessionState,
  type SessionState,
  startAgain,
} from './session-state.ts'
import { tellOfUpload } from './upload-news.ts'

export type UploadServices = Pick<
  Services,
  'db' | 'stores' | 'storageAccess' | 'ingest' | 'settings' | 'processId' | 'deploymentId' | 'log'
>

export interface UploadRequest {
  id: string
  /** Where the sender believes the session to stand. */
  offset: number
  body: AsyncIterable<Uint8Array>
  /** The owner's answer to `duplicate_dataset`. */
  keepDuplicate: boolean
  signal: AbortSignal
}

export interface UploadStanding {
  offset: number
  sizeBytes: number
  expiresAt: Date
  /** When the file is whole. */
  dataset: Dataset | null
}

/** Rejects with `upload_busy`, `upload_offset`, `duplicate_dataset`, or with what is wrong with the file. */
export async function continueUpload(
  services: UploadServices,
  user: User,
  request: UploadRequest,
): Promise<UploadStanding> {
  const seen = await findSession(services, user, request.id)
  if (seen.status === 'failed') throw refusedBefore(seen)
  const turn = await takeWriterTurn(services, 'dataset_upload_sessions', seen.id)
  try {
    const session = await findSession(services, user, seen.id)
    return await carryOn(services, user, { session, turn, request })
  } finally {
    await turn.end()
  }
}

interface Work {
  session: SessionRow
  turn: UploadTurn
  request: UploadRequest
}

async function carryOn(services: UploadServices, user: User, work: Work): Promise<UploadStanding> {
  const { session, turn, request } = work
  const standing = { sizeBytes: session.size_bytes, expiresAt: session.expires_at }
  const offset = offsetOf(session)
  if (request.offset !== offset) throw otherOffset(offset, request.offset)
  if (session.status === 'ready') return { ...standing, offset, dataset: null }

  const state = await readSessionState(services, session.id)
  const again = () => startAgain(services, session, turn, state.put)
  if (state.checkpoint && state.checkpoint.engine !== engineBuild) throw await again()
  if (session.status === 'receiving' && !isConsistent(state)) throw await again()
  const put = await openPut(services, session, state.put).catch(async (error) => {
    throw isLost(error) ? await again() : error
  })
  // What no checkpoint speaks of is of no use to anybody.
  const kept = { isKept: isStanding(session) }
  try {
    // Before there is a checkpoint, so that whoever comes after a crash knows what to remove.
    if (!kept.isKept) await turn.save(putColumns(await put.checkpoint()))
    const done = await receiveOrDecide(services, user, { ...work, put, state, kept })
    kept.isKept ||= done.dataset !== null
    return { ...standing, ...done }
  } catch (error) {
    throw isLost(error) ? await again() : error
  } finally {
    await (kept.isKept ? put.release() : put.abort()).catch((error) =>
      services.log.warn({ err: error, upload: session.id }, 'a store did not let go of an upload'),
    )
  }
}

interface OpenWork extends Work {
  put: ResumablePut
  state: SessionState
  kept: { isKept: boolean }
}

async function receiveOrDecide(
  services: UploadServices,
  user: User,
  { session, turn, request, put, state, kept }: OpenWork,
): Promise<{ offset: number; dataset: Dataset | null }> {
  const end = async (result: IngestResult, keepDuplicate: boolean) => {
    kept.isKept = true
    const dataset = await endUpload(services, user, { session, turn, put, result, keepDuplicate })
    return { offset: session.size_bytes, dataset }
  }
  if (session.status === 'duplicate') return end(state.result!, request.keepDuplicate)

  const fields = fieldsOf(session)
  const { body, signal } = request
  const { raw_offset: offset, size_bytes: sizeBytes } = session
  const file = new IncomingFile({ body, offset, sizeBytes, signal })
  const store = await openDatasetStore(services, session)
  const { checkpoint } = state
  const totals = checkpoint?.ledger.problemRows.totals
  const problems = new ProblemFile(services, { userId: user.id, uploadId: session.id, totals })
  await problems.goBackTo(checkpoint?.blocks ?? -1)
  const options = {
    ...ingestOptionsOf(services, fields, session.file_name),
    hold: holdInStore(store, session.storage_path, signal),
    problemRows: problems.sink,
  }
  const run = services.ingest.ingestResumably(file, options, {
    from: checkpoint,
    isPaused: () => file.isPaused,
    onBlocksInFlight: (count) => file.setBlocksInFlight(count),
  })
  const pieces = await runPieces({
    run,
    file,
    put,
    turn,
    offset,
    from: checkpoint,
    problems,
    onSaved() {
      kept.isKept = true
      tellOfUpload(session.id)
    },
  })
  if (pieces.refusal) {
    const refusal = await problems.finishRefused(pieces.refusal)
    throw await failUpload(services, session, turn, put, refusal)
  }
  if (pieces.result) await problems.finish()
  if (pieces.result) return end(pieces.result, request.keepDuplicate || fields.on_duplicate === 'keep')
  return { offset: pieces.offset, dataset: null }
}

const isLost = (error: unknown): boolean => isAppError(error) && error.code === 'upload_session_lost'

const otherOffset = (ours: number, theirs: number) =>
  conflict(
    'upload_offset',
    'The upload stands elsewhere',
    `It stands at byte ${ours}, not ${theirs}. Ask with HEAD.`,
  )
