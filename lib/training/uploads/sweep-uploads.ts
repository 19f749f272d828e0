import type { Services } from '#lib/services.ts'
import { removeSession } from './cancel-upload.ts'
import { sessionColumns } from './session-row.ts'

/** Removes sessions whose time is over, with what the store has of them. */
export async function sweepUploads(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess' | 'log'>,
): Promise<{ removed: number }> {
  const expired = await services.db.service
    .selectFrom('dataset_upload_sessions')
    .select(sessionColumns)
    .where('expires_at', '<', new Date())
    .orderBy('expires_at')
    .limit(100)
    .execute()
  let removed = 0
  for (const session of expired) {
    try {
      await removeSession(services, session)
      removed += 1
    } catch (error) {
      services.log.warn(
        { err: error, upload: session.id },
        'an expired upload could not be removed; it is tried again',
      )
    }
  }
  return { removed }
}
