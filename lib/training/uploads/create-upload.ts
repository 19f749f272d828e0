import type { User } from '#lib/auth/identity.ts'
import { jsonText } from '#lib/db/json-text.ts'
import { type AppError, misconfigured } from '#lib/errors/app-error.ts'
import { Ledger } from '#lib/ingest/ledger.ts'
import { refusal } from '#lib/ingest/refusal.ts'
import type { Services } from '#lib/services.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { UploadFields } from '#lib/training/dataset.types.ts'
import type { UploadSession } from '#lib/training/upload-session.types.ts'
import { checkConfig } from '../datasets/check-config.ts'
import { nameOfFile } from '../datasets/name-of-file.ts'
import { openTargetStore } from '../datasets/open-target-store.ts'
import { expiryFromNow, sessionColumns, sessionOfRow } from './session-row.ts'

export interface NewUpload {
  sizeBytes: number
  fileName: string | null
  fingerprint: string | null
  fields: UploadFields
}

/** tus clients send no bytes of a file that has none, so that nobody would ever say what is wrong with it. */
function emptyFile(): AppError {
  const ledger = new Ledger()
  ledger.find({ rule: 'file.empty', pointer: '', message: 'The file is empty' })
  return refusal(ledger)
}

/** Begins a session. Nothing is in the store yet; where it will be is decided, and stays so whatever the settings do. */
export async function createUpload(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  user: User,
  { sizeBytes, fileName, fingerprint, fields }: NewUpload,
): Promise<UploadSession> {
  if (sizeBytes === 0) throw emptyFile()
  const { db } = services
  const { provider, store } = await openTargetStore(services, user, fields.storage_provider)
  if (!store.capabilities.resumesPuts)
    throw misconfigured(
      'uploads_not_resumable',
      'This store takes no resumable uploads',
      'Send the file as a form to /api/training/dataset.',
    )
  await db.asUser(user.id, (trx) => checkConfig(trx, user, fields.config_id))
  const id = crypto.randomUUID()
  const name = fields.name ?? nameOfFile(fileName)
  const row = await db.service
    .insertInto('dataset_upload_sessions')
    .values({
      id,
      user_id: user.id,
      file_name: fileName,
      fingerprint,
      size_bytes: sizeBytes,
      fields: jsonText({ ...fields, name }),
      storage_provider: provider,
      storage_path: storageCatalog[provider].datasetKey(user.id, id),
      storage_bucket: store.location.bucket,
      storage_region: store.location.region,
      storage_endpoint: store.location.endpoint,
      expires_at: expiryFromNow(),
    })
    .returning(sessionColumns)
    .executeTakeFirstOrThrow()
  return sessionOfRow(row)
}
