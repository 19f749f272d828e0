/**
 * One request of an artifact: bytes of the file from where it stands, as many as come. They go into the store as they
 * arrive, and are hashed on the way; nothing waits in memory or on a disk of ours. Now and then a checkpoint is written:
 * what the store has, and the hash of it. Whoever goes on, in whatever process, begins there. Only the last step
 * makes the file visible, in place of an earlier one of its name, once its hash is what the sender said.
 */
import { inTransaction } from '#lib/db/database.ts'
import { aborted, conflict, corrupt, isAppError } from '#lib/errors/app-error.ts'
import { type RunningHash, resumableHash } from '#lib/ingest/running-hash.ts'
import type { ResumablePut } from '#lib/storage/resumable-put.ts'
import type { Artifact, Job } from '#lib/training/job.types.ts'
import { noPutColumns, putColumns, putOfColumns } from '../put-columns.ts'
import { IncomingFile } from '../uploads/incoming-file.ts'
import { takeWriterTurn, type WriterTurn } from '../writer-turn.ts'
import { artifactColumns, artifactOfRow, openArtifactStore, requireArtifactName } from './artifact-row.ts'
import {
  type ArtifactServices,
  openArtifact,
  otherOffset,
  type ReceivingRow,
  type SentArtifact,
} from './open-artifact.ts'
import { removeArtifactSoon } from './remove-artifact.ts'

export interface ArtifactRequest extends SentArtifact {
  /** Where in the file the body begins. */
  start: number
  body: AsyncIterable<Uint8Array>
  signal: AbortSignal
}

/** A checkpoint costs a sync or a note in the database, ... */
const checkpointBytes = 32 << 20
/** ... and what fills no part of the store yet has to be carried along in it: better when that is little. */
const cheapTailBytes = 1 << 20
const checkpointBytesMax = 64 << 20

/** Rejects with `artifact_offset`, `artifact_too_large`, `artifact_corrupt`, `upload_busy`, or what the store says. */
export async function putArtifact(
  services: ArtifactServices,
  job: Job,
  request: ArtifactRequest,
): Promise<{ artifact: Artifact; isNew: boolean }> {
  requireArtifactName(request.name)
  const there = await readyArtifact(services, job, request)
  if (there) return { artifact: there, isNew: false }
  const begun = await openArtifact(services, job, request)
  const turn = await takeWriterTurn(services, 'training_job_artifacts', begun.id)
  try {
    // Read again with the turn held: whoever had it before may have come further.
    const row = await receivingRow(services, begun.id)
    if (request.start !== row.received_bytes) throw otherOffset(row.received_bytes)
    return { artifact: await receive(services, { row, turn, request }), isNew: true }
  } finally {
    await turn.end()
  }
}

interface Work {
  row: ReceivingRow
  turn: WriterTurn<'training_job_artifacts'>
  request: ArtifactRequest
}

async function receive(services: ArtifactServices, work: Work): Promise<Artifact> {
  const { row, turn, request } = work
  const put = await openPut(services, row).catch(async (error) => {
    if (!isLost(error)) throw error
    await turn.save({ ...nothingKept, received_bytes: 0 })
    throw otherOffset(0)
  })
  let isKnown = row.put_handle !== null
  try {
    // Before there is a byte, so that whoever comes after a crash knows what to remove.
    if (!isKnown) await turn.save(putColumns(await put.checkpoint()))
    isKnown = true
    const hash = await resumableHash(row.hash_state)
    const file = new IncomingFile({ ...request, offset: request.start })
    await takeBytes(file, { put, hash, turn })
    if (file.isPaused)
      throw aborted('upload_cut_off', 'The artifact was cut off', `It stands at byte ${file.receivedOffset}.`)
    if (hash.hex() !== row.sha256) {
      await put.abort()
      await services.db.service.deleteFrom('training_job_artifacts').where('id', '=', row.id).execute()
      throw corrupt(
        'artifact_corrupt',
        'The bytes are not what X-Content-SHA256 says',
        'Nothing of them is kept: send the file again from its beginning.',
      )
    }
    await put.commit()
    return await publish(services, work)
  } finally {
    // One whose turn was taken before its row named it would be found by nobody.
    await (isKnown ? put.release() : put.abort())
  }
}

/** Takes what comes, and leaves a checkpoint behind the last byte of it. */
async function takeBytes(
  file: IncomingFile,
  { put, hash, turn }: { put: ResumablePut; hash: RunningHash; turn: Work['turn'] },
): Promise<void> {
  let unsafe = 0
  const save = async () => {
    const columns = putColumns(await put.checkpoint())
    await turn.save({ ...columns, hash_state: hash.save(), received_bytes: file.receivedOffset })
    unsafe = 0
  }
  for await (const chunk of file) {
    await put.append(chunk)
    hash.update(chunk)
    unsafe += chunk.length
    const cheap = unsafe >= checkpointBytes && put.tailBytes <= cheapTailBytes
    if (cheap || unsafe >= checkpointBytesMax) await save()
  }
  if (unsafe > 0) await save()
}

/** The file takes the place of its name, in one step. */
async function publish(services: ArtifactServices, { row, turn }: Work): Promise<Artifact> {
  const now = new Date()
  const { artifact, replaced } = await inTransaction(services.db, async (trx) => {
    const replaced = await trx
      .updateTable('training_job_artifacts')
      .set({ status: 'removing', updated_at: now })
      .where('job_id', '=', row.job_id)
      .where('name', '=', row.name)
      .where('status', '=', 'ready')
      .returning(artifactColumns)
      .executeTakeFirst()
    const ready = await trx
      .updateTable('training_job_artifacts')
      .set({ ...nothingKept, status: 'ready', created_at: now, updated_at: now })
      .where('id', '=', row.id)
      .where('status', '=', 'receiving')
      .where('writer_id', '=', turn.writer)
      .returning(artifactColumns)
      .executeTakeFirst()
    if (!ready) throw conflict('upload_taken_over', 'Another file has taken the place of this one')
    return { artifact: artifactOfRow(ready), replaced }
  })
  if (replaced) await removeArtifactSoon(services, replaced)
  return artifact
}

const nothingKept = { ...noPutColumns, hash_state: null }

async function openPut(services: ArtifactServices, row: ReceivingRow): Promise<ResumablePut> {
  const { resumable } = await openArtifactStore(services, row)
  if (!resumable) throw new Error(`The store of artifact ${row.id} resumes nothing`)
  const options = { contentType: 'application/octet-stream', metadata: { 'uploaded-by': 'finetunelab' } }
  const kept = putOfColumns(row)
  return kept ? resumable.resume(row.storage_path, kept, options) : resumable.begin(row.storage_path, options)
}

const isLost = (error: unknown): boolean => isAppError(error) && error.code === 'upload_session_lost'

async function receivingRow({ db }: ArtifactServices, id: string): Promise<ReceivingRow> {
  const row = await db.service
    .selectFrom('training_job_artifacts')
    .selectAll()
    .where('id', '=', id)
    .where('status', '=', 'receiving')
    .executeTakeFirst()
  if (row) return row
  throw conflict('upload_taken_over', 'Another file has taken the place of this one, or it is whole already')
}

async function readyArtifact(
  { db }: Pick<ArtifactServices, 'db'>,
  job: Job,
  { name, sha256 }: SentArtifact,
): Promise<Artifact | null> {
  const row = await db.service
    .selectFrom('training_job_artifacts')
    .select(artifactColumns)
    .where('job_id', '=', job.id)
    .where('name', '=', name)
    .where('sha256', '=', sha256)
    .where('status', '=', 'ready')
    .executeTakeFirst()
  return row ? artifactOfRow(row) : null
}
