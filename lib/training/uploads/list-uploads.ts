import type { User } from '#lib/auth/identity.ts'
import { conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { UploadSession } from '#lib/training/upload-session.types.ts'
import { findSession, offsetOf, refusedBefore, sessionColumns, sessionOfRow } from './session-row.ts'
import { newsOfUpload } from './upload-news.ts'

/** Uploads of the user's that wait for the rest of their file, or for a decision; latest first. */
export async function listUploads(
  { db }: Pick<Services, 'db'>,
  user: User,
): Promise<{ uploads: UploadSession[] }> {
  const rows = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('dataset_upload_sessions')
      .select(sessionColumns)
      .where('status', 'in', ['receiving', 'duplicate'])
      .where('expires_at', '>', new Date())
      .orderBy('created_at', 'desc')
      .limit(200)
      .execute(),
  )
  return { uploads: rows.map((row) => sessionOfRow(row)) }
}

export async function getUpload(
  services: Pick<Services, 'db'>,
  user: User,
  id: string,
): Promise<UploadSession> {
  const row = await findSession(services, user, id)
  const twin = row.duplicate_of
    ? await services.db.asUser(user.id, (trx) =>
        trx
          .selectFrom('training_datasets')
          .select('name')
          .where('id', '=', row.duplicate_of!)
          .executeTakeFirst(),
      )
    : null
  return sessionOfRow(row, twin?.name)
}

/** The longest that an answer is held back; proxies give up on a request after a minute. */
const heldMilliseconds = 1000
/** How soon news from another process are seen. */
const lookAgainMilliseconds = 250

/** The same, held back until more than `beyond` is safe, until nothing more will be, or for a second. */
export async function getUploadBeyond(
  services: Pick<Services, 'db'>,
  user: User,
  { id, beyond, signal }: { id: string; beyond: number; signal: AbortSignal },
): Promise<UploadSession> {
  const deadline = performance.now() + heldMilliseconds
  for (;;) {
    const left = deadline - performance.now()
    // Before the look, so that nothing is told in between.
    const news = newsOfUpload(id, Math.min(left, lookAgainMilliseconds), signal)
    const upload = await getUpload(services, user, id)
    const waits = upload.offset <= beyond && upload.status === 'receiving' && upload.resumable
    if (!waits || left <= 0 || signal.aborted) return upload
    await news
  }
}

/** Where an upload stands, or why it stands nowhere. */
export async function standingOf(
  services: Pick<Services, 'db'>,
  user: User,
  id: string,
): Promise<{ offset: number; sizeBytes: number; expiresAt: Date }> {
  const session = await findSession(services, user, id)
  if (session.status === 'failed') throw refusedBefore(session)
  if (session.status === 'duplicate')
    throw conflict('duplicate_dataset', 'The upload waits for its owner to say whether to keep it')
  return { offset: offsetOf(session), sizeBytes: session.size_bytes, expiresAt: session.expires_at }
}
