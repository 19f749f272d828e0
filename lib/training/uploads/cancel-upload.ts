import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { openDatasetStore } from '../datasets/dataset-store.ts'
import { removeHeld } from '../datasets/hold-in-store.ts'
import { deleteProblemFile } from '../problems/problem-file.ts'
import { findSession, type SessionRow } from './session-row.ts'
import { abortPut, readSessionState } from './session-state.ts'

type CancelServices = Pick<Services, 'db' | 'stores' | 'storageAccess'>

/** Forgets an upload and removes what the store has of it. Whoever is sending finds its turn gone. */
export async function cancelUpload(services: CancelServices, user: User, id: string): Promise<void> {
  await removeSession(services, await findSession(services, user, id))
}

/** The dataset of one that is done stays: it is no longer the session's. */
export async function removeSession(services: CancelServices, session: SessionRow): Promise<void> {
  const { db } = services
  if (session.status !== 'ready') await deleteProblemFile(services, session.id)
  if (session.status === 'ready' || (session.status === 'failed' && !(await hasPut(services, session)))) {
    await db.service.deleteFrom('dataset_upload_sessions').where('id', '=', session.id).execute()
    return
  }
  // First the turn is taken away, so that nothing is added to what is removed next.
  await db.service
    .updateTable('dataset_upload_sessions')
    .set({ status: 'failed', writer_id: crypto.randomUUID(), error: JSON.stringify(cancelled) })
    .where('id', '=', session.id)
    .execute()
  const { put } = await readSessionState(services, session.id)
  if (put) await abortPut(services, session, put)
  // A process may have died between the commit to the store and its note of it.
  const isDataset = await db.service
    .selectFrom('training_datasets')
    .select('id')
    .where('id', '=', session.id)
    .executeTakeFirst()
  if (!isDataset) {
    const store = await openDatasetStore(services, session)
    await removeHeld(store, session.storage_path)
    await store.delete(session.storage_path)
  }
  await db.service.deleteFrom('dataset_upload_sessions').where('id', '=', session.id).execute()
}

async function hasPut({ db }: CancelServices, { id }: SessionRow): Promise<boolean> {
  return (await readSessionState({ db }, id)).put !== null
}

const cancelled = { error: 'The upload was cancelled', code: 'upload_gone' }
