import type { User } from '#lib/auth/identity.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { putOfColumns } from '../put-columns.ts'
import { type ArtifactRow, findArtifact, openArtifactStore } from './artifact-row.ts'

type RemoveServices = Pick<Services, 'db' | 'stores' | 'storageAccess'>

/** Removes the object, then the row. Where the store refuses for good, the artifact stays what it was, and the owner hears why. */
export async function deleteArtifact(
  services: RemoveServices,
  user: Pick<User, 'id'>,
  jobId: string,
  name: string,
): Promise<{ deleted: true; name: string }> {
  const row = await findArtifact(services, user.id, jobId, name)
  try {
    await removeArtifact(services, row)
  } catch (error) {
    if (isAppError(error) && !error.retryable) await setStatus(services, row.id, 'ready')
    throw error
  }
  return { deleted: true, name }
}

/** The row says `removing` first, so that a failure half way leaves something that the sweep will finish. */
export async function removeArtifact(services: RemoveServices, row: ArtifactRow): Promise<void> {
  await setStatus(services, row.id, 'removing')
  const store = await openArtifactStore(services, row)
  const state = await services.db.service
    .selectFrom('training_job_artifacts')
    .select(['put_handle', 'put_stored_bytes', 'put_tail'])
    .where('id', '=', row.id)
    .executeTakeFirst()
  const unfinished = state && putOfColumns(state)
  if (unfinished) await store.resumable?.abort(row.storage_path, unfinished)
  // Also for what was never whole: a process may have died between the commit to the store and its note of it.
  await store.delete(row.storage_path)
  await services.db.service.deleteFrom('training_job_artifacts').where('id', '=', row.id).execute()
}

/** For whoever has done his own work already: what fails is left to the sweep. */
export async function removeArtifactSoon(
  services: RemoveServices & Pick<Services, 'log'>,
  row: ArtifactRow,
): Promise<boolean> {
  try {
    await removeArtifact(services, row)
    return true
  } catch (error) {
    services.log.warn({ err: error, artifact: row.id }, 'an artifact could not be removed; it is tried again')
    return false
  }
}

/** Takes the turn of whoever is sending away, too. */
async function setStatus({ db }: RemoveServices, id: string, status: 'ready' | 'removing'): Promise<void> {
  await db.service
    .updateTable('training_job_artifacts')
    .set({ status, writer_id: null, updated_at: new Date() })
    .where('id', '=', id)
    .execute()
}
