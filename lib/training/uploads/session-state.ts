import type { Selectable } from 'kysely'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { type AppError, conflict } from '#lib/errors/app-error.ts'
import { type CheckpointTables, type IngestCheckpoint, readCheckpoint } from '#lib/ingest/checkpoint.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import { decodeMemberIndex, encodeMemberIndex } from '#lib/ingest/member-index.ts'
import { sizeOfState } from '#lib/ingest/stored-object.ts'
import type { Services } from '#lib/services.ts'
import type { PutCheckpoint, ResumablePut, ResumablePuts } from '#lib/storage/resumable-put.ts'
import { datasetObjectOptions } from '#lib/storage/storage-catalog.ts'
import { openDatasetStore } from '../datasets/dataset-store.ts'
import { noPutColumns, putOfColumns } from '../put-columns.ts'
import type { SessionRow, UploadTurn } from './session-row.ts'

export type PutState = PutCheckpoint

export interface SessionState {
  checkpoint: IngestCheckpoint | null
  put: PutState | null
  /** Of a file that is whole, while its owner decides. */
  result: IngestResult | null
}

type StateRow = Selectable<DatabaseSchema['dataset_upload_sessions']>
type StoreServices = Pick<Services, 'db' | 'stores' | 'storageAccess'>

export async function readSessionState({ db }: Pick<Services, 'db'>, id: string): Promise<SessionState> {
  const row = await db.service
    .selectFrom('dataset_upload_sessions')
    .select(['checkpoint', 'checkpoint_tables', 'put_handle', 'put_stored_bytes', 'put_tail', 'result'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return {
    checkpoint: checkpointOf(row),
    put: putOfColumns(row),
    result: row.result ? resultOf(row.result) : null,
  }
}

/** Whether the store stands where ingest goes on: else a member would be stored twice, or never. */
export const isConsistent = ({ checkpoint, put }: SessionState): boolean =>
  !checkpoint || (put !== null && put.storedBytes + put.tail.length === sizeOfState(checkpoint.object))

function checkpointOf(row: Pick<StateRow, 'checkpoint' | 'checkpoint_tables'>): IngestCheckpoint | null {
  if (!row.checkpoint) return null
  // Without tables it is an older engine's, and its engine says so.
  const tables = JSON.parse(row.checkpoint_tables ?? '[null, null]') as CheckpointTables
  return readCheckpoint(row.checkpoint, tables)
}

/** Nothing of the file is kept any more. */
export const noState = {
  ...noPutColumns,
  checkpoint: null,
  checkpoint_tables: null,
  result: null,
}

export function resultColumn({ members, ...rest }: IngestResult): string {
  return JSON.stringify({ ...rest, members: Buffer.from(encodeMemberIndex(members)).toString('base64') })
}

function resultOf(text: string): IngestResult {
  const { members, ...rest } = JSON.parse(text)
  return { ...rest, members: decodeMemberIndex(Buffer.from(members, 'base64')) }
}

async function putsOf(services: StoreServices, session: SessionRow): Promise<ResumablePuts> {
  const store = await openDatasetStore(services, session)
  if (store.resumable) return store.resumable
  throw new Error(`The store of upload ${session.id} resumes nothing`)
}

/** Whether the store holds something that the session goes on with. */
export const isStanding = (session: SessionRow): boolean =>
  session.raw_offset > 0 || session.status === 'duplicate'

/** The put where it stands. One of a file that cannot be taken up begins anew, and the old one is removed. */
export async function openPut(
  services: StoreServices & Pick<Services, 'deploymentId'>,
  session: SessionRow,
  state: PutState | null,
): Promise<ResumablePut> {
  const puts = await putsOf(services, session)
  const { user_id: userId, id: datasetId } = session
  const options = datasetObjectOptions({ userId, datasetId, deploymentId: services.deploymentId })
  if (state && isStanding(session)) return puts.resume(session.storage_path, state, options)
  if (state) await puts.abort(session.storage_path, state)
  return puts.begin(session.storage_path, options)
}

export async function abortPut(services: StoreServices, session: SessionRow, state: PutState): Promise<void> {
  const puts = await putsOf(services, session)
  await puts.abort(session.storage_path, state)
}

/** What was kept is of no use any more. Answers the error that says so; asked again, the session stands at 0. */
export async function startAgain(
  services: StoreServices & Pick<Services, 'log'>,
  session: SessionRow,
  turn: UploadTurn,
  state: PutState | null,
): Promise<AppError> {
  services.log.warn({ upload: session.id, offset: session.raw_offset }, 'an upload has to start again')
  if (state)
    await abortPut(services, session, state).catch((error) =>
      services.log.warn({ err: error, upload: session.id }, 'a store did not let go of an upload'),
    )
  await turn.save({ ...noState, status: 'receiving', raw_offset: 0, rows_read: 0 })
  return conflict(
    'upload_starts_again',
    'The upload has to start again from its beginning',
    'The store no longer has what was sent before, or the server was updated in between.',
  )
}
