import type { Selectable } from 'kysely'
import type { User } from '#lib/auth/identity.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { AppError, notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { UploadFields } from '#lib/training/dataset.types.ts'
import {
  readingFieldsSchema,
  type UploadSession,
  uploadSessionDays,
} from '#lib/training/upload-session.types.ts'
import { type WriterTurn, writerSilenceSeconds } from '../writer-turn.ts'

type Row = Selectable<DatabaseSchema['dataset_upload_sessions']>

/** The right to write to one session. */
export type UploadTurn = WriterTurn<'dataset_upload_sessions'>

/** What its owner may read; the state that the work goes on with is the server's alone. */
export const sessionColumns = [
  'id',
  'user_id',
  'status',
  'file_name',
  'fingerprint',
  'size_bytes',
  'fields',
  'storage_provider',
  'storage_bucket',
  'storage_region',
  'storage_endpoint',
  'storage_path',
  'raw_offset',
  'rows_read',
  'resumable',
  'duplicate_of',
  'error',
  'writer_seen_at',
  'expires_at',
  'created_at',
] as const satisfies (keyof Row)[]

export type SessionRow = Pick<Row, (typeof sessionColumns)[number]>

/** The session of an upload of the user's. Missing, a stranger's and expired look alike. */
export async function findSession(
  { db }: Pick<Services, 'db'>,
  user: Pick<User, 'id'>,
  id: string,
): Promise<SessionRow> {
  const row = await db.asUser(user.id, (trx) =>
    trx.selectFrom('dataset_upload_sessions').select(sessionColumns).where('id', '=', id).executeTakeFirst(),
  )
  if (row && row.expires_at > new Date()) return row
  throw notFound('upload_not_found', 'There is no such upload', 'It may have expired; start it again.')
}

export function sessionOfRow(row: SessionRow, twinName: string | null = null): UploadSession {
  const seen = row.writer_seen_at?.getTime() ?? 0
  return {
    id: row.id,
    status: row.status,
    name: fieldsOf(row).name ?? null,
    file_name: row.file_name,
    fingerprint: row.fingerprint,
    storage_provider: row.storage_provider,
    reading: readingFieldsSchema.parse(row.fields),
    size_bytes: row.size_bytes,
    offset: row.status === 'ready' ? row.size_bytes : row.raw_offset,
    rows: row.rows_read,
    active: row.status === 'receiving' && Date.now() - seen < writerSilenceSeconds * 1000,
    resumable: row.resumable,
    duplicate_of: (row.duplicate_of && { id: row.duplicate_of, name: twinName ?? 'another dataset' }) || null,
    error: row.error as UploadSession['error'],
    expires_at: row.expires_at.toISOString(),
    created_at: row.created_at.toISOString(),
  }
}

export const fieldsOf = (row: Pick<Row, 'fields'>): UploadFields => row.fields as UploadFields

/** The end of a session's life, counted from the last thing that happened to it. */
export const expiryFromNow = (): Date => new Date(Date.now() + uploadSessionDays * 24 * 3600 * 1000)

/** Why a file was refused, again, for whoever asks after the session. */
export function refusedBefore(row: Pick<Row, 'error'>): AppError {
  const { error, code, details, ...data } = row.error as Record<string, unknown>
  return new AppError('invalid', {
    code: String(code),
    message: String(error),
    details: details as string | undefined,
    data,
  })
}

/** Where the sender goes on. */
export const offsetOf = (session: SessionRow): number =>
  session.status === 'receiving' ? session.raw_offset : session.size_bytes
