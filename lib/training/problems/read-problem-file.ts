import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { User } from '#lib/auth/identity.ts'
import { notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { problemRowsDays } from '#lib/training/dataset.types.ts'

/** The rows with problems of an upload of the user's, as JSON Lines. */
export async function readProblemFile(
  { db }: Pick<Services, 'db'>,
  user: User,
  uploadId: string,
): Promise<Readable> {
  const parts = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('dataset_problem_rows')
      .select('lines')
      .where('upload_id', '=', uploadId)
      .where('expires_at', '>', new Date())
      .orderBy('part')
      .execute(),
  )
  if (parts.length === 0) throw notKept()
  return Readable.from(parts.map(({ lines }) => Buffer.from(lines))).pipe(createGunzip())
}

/** Of a refused upload too: what it says of the owner's rows is the owner's to remove. */
export async function removeProblemFile(
  { db }: Pick<Services, 'db'>,
  user: User,
  uploadId: string,
): Promise<{ deleted: true }> {
  const removed = await db.asUser(user.id, (trx) =>
    trx.deleteFrom('dataset_problem_rows').where('upload_id', '=', uploadId).returning('part').execute(),
  )
  if (removed.length === 0) throw notKept()
  return { deleted: true }
}

const notKept = () =>
  notFound(
    'problems_not_kept',
    'No rows with problems are kept of this upload',
    `They are kept for ${problemRowsDays} days. "finetunelab validate FILE --problems ROWS" writes them at any time.`,
  )
