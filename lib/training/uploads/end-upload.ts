import type { Transaction } from 'kysely'
import type { User } from '#lib/auth/identity.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { conflict, isAppError } from '#lib/errors/app-error.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import { encodeMemberIndex } from '#lib/ingest/member-index.ts'
import type { Services } from '#lib/services.ts'
import type { ResumablePut } from '#lib/storage/resumable-put.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { datasetOfRow } from '../datasets/dataset-row.ts'
import { openDatasetStore } from '../datasets/dataset-store.ts'
import { duplicateDataset, findTwin } from '../datasets/find-twin.ts'
import { ingestedValues } from '../datasets/ingested-values.ts'
import { nameOfFile } from '../datasets/name-of-file.ts'
import { problemsFileOf } from '../problems/problem-file.ts'
import { putColumns } from '../put-columns.ts'
import { expiryFromNow, fieldsOf, type SessionRow, type UploadTurn } from './session-row.ts'
import { noState, resultColumn } from './session-state.ts'

export interface UploadEnd {
  session: SessionRow
  turn: UploadTurn
  put: ResumablePut
  result: IngestResult
  keepDuplicate: boolean
}

/**
 * Makes a dataset of a file that is whole. Where its bytes are there already, nothing becomes visible: the session
 * keeps them and rejects with `duplicate_dataset` until its owner says that they are to be stored all the same.
 */
export async function endUpload(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess' | 'log'>,
  user: User,
  { session, turn, put, result, keepDuplicate }: UploadEnd,
): Promise<Dataset> {
  const { sha256 } = result
  const twin = keepDuplicate
    ? null
    : await findTwin(services, user, { sha256, place: session, otherThan: session.id })
  if (twin) {
    await turn.save({
      ...putColumns(await put.checkpoint()),
      status: 'duplicate',
      result: resultColumn(result),
      duplicate_of: twin.id,
      rows_read: result.report.rows_read,
      expires_at: expiryFromNow(),
    })
    throw duplicateDataset(twin)
  }
  await put.commit()
  try {
    return await recordDataset(services, session, result)
  } catch (error) {
    if (isAppError(error) && error.code === 'upload_gone') await removeCommitted(services, session)
    throw error
  }
}

/** Whoever cancelled in the moment of the commit found nothing to remove: the object has nobody else by now. */
async function removeCommitted(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess' | 'log'>,
  session: SessionRow,
): Promise<void> {
  const dataset = await services.db.service
    .selectFrom('training_datasets')
    .select('id')
    .where('id', '=', session.id)
    .executeTakeFirst()
  if (dataset) return
  try {
    const store = await openDatasetStore(services, session)
    await store.delete(session.storage_path)
  } catch (error) {
    services.log.warn({ err: error, upload: session.id }, 'a cancelled upload was left for the doctor')
  }
}

/** A configuration may have been deleted in the days that an upload can take. */
async function livingConfig(
  trx: Transaction<DatabaseSchema>,
  userId: string,
  configId: string | undefined,
): Promise<string | null> {
  if (!configId) return null
  const config = await trx
    .selectFrom('training_configs')
    .select('id')
    .where('id', '=', configId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return config?.id ?? null
}

async function recordDataset(
  { db }: Pick<Services, 'db'>,
  session: SessionRow,
  result: IngestResult,
): Promise<Dataset> {
  const { id, user_id, file_name } = session
  const fields = fieldsOf(session)
  const problemsFile = await problemsFileOf({ db }, id)
  return db.service.transaction().execute(async (trx) => {
    const ended = await trx
      .updateTable('dataset_upload_sessions')
      .set({
        ...noState,
        status: 'ready',
        duplicate_of: null,
        rows_read: result.report.rows_read,
        raw_offset: session.size_bytes,
      })
      .where('id', '=', id)
      .where('status', 'in', ['receiving', 'duplicate'])
      .returning('id')
      .executeTakeFirst()
    if (!ended) throw conflict('upload_gone', 'The upload was cancelled')
    const row = await trx
      .insertInto('training_datasets')
      .values({
        id,
        user_id,
        config_id: await livingConfig(trx, user_id, fields.config_id),
        name: fields.name ?? nameOfFile(file_name),
        description: fields.description || null,
        storage_provider: session.storage_provider,
        storage_bucket: session.storage_bucket,
        storage_region: session.storage_region,
        storage_endpoint: session.storage_endpoint,
        storage_path: session.storage_path,
        ...ingestedValues(result, file_name ? { original_name: file_name } : {}, problemsFile),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    await trx
      .insertInto('dataset_member_indexes')
      .values({ dataset_id: id, user_id, members: encodeMemberIndex(result.members) })
      .execute()
    return datasetOfRow(row)
  })
}
