import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { uploadProgressSchema } from '#lib/training/compatibility.types.ts'

export async function getUploadProgress(
  { db }: Pick<Services, 'db'>,
  user: User,
  clientUploadId: string,
): Promise<z.infer<typeof uploadProgressSchema>> {
  const row = await db.asUser(user.id, (trx) =>
    trx
      .selectFrom('dataset_uploads')
      .select(['dataset_id', 'status', 'received_bytes', 'rows_read as rows'])
      .where('client_upload_id', '=', clientUploadId)
      .orderBy('created_at', 'desc')
      .executeTakeFirst(),
  )
  if (!row) throw notFound('upload_not_found', 'There is no such upload', 'It has not begun, or was refused.')
  return row
}
