import { sql } from 'kysely'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { removeDataset } from '../datasets/remove-dataset.ts'
import { silenceSeconds, stillDead } from '../datasets/sweep-datasets.ts'
import { removeSession } from '../uploads/cancel-upload.ts'
import { sessionColumns } from '../uploads/session-row.ts'
import { type Case, type DoctorServices, findingAbout, type Place } from './place.ts'

/** A row `uploading` or `deleting` of which nobody has heard for as long as the caretaker's sweep waits. */
export async function* examineUnfinished(
  services: DoctorServices,
  place: Place,
  dataset: Dataset,
): AsyncGenerator<Case> {
  const row = await services.db.service
    .selectFrom('training_datasets as d')
    .leftJoin('dataset_uploads as u', 'u.dataset_id', 'd.id')
    .select(['d.status', 'd.updated_at'])
    .select(
      sql<boolean>`coalesce(case when d.status = 'uploading' then u.heartbeat_at end, d.updated_at)
        < now() - make_interval(secs => ${silenceSeconds})`.as('silent'),
    )
    .where('d.id', '=', dataset.id)
    .executeTakeFirst()
  if (!row?.silent || row.status !== dataset.status) return
  const what = dataset.status === 'deleting' ? 'Its deletion' : 'Its upload'
  yield {
    finding: {
      code: 'row_stuck',
      ...findingAbout(place, dataset),
      message: `${what} stopped half way, ${row.updated_at.toISOString()}.`,
      remedy: 'Mending removes what there is of the object, then the row.',
    },
    async mend() {
      const { object_removed } = await removeDataset(services, dataset, stillDead(dataset))
      return `The row was removed${object_removed ? ', and its object' : '; there was no object'}.`
    },
  }
}

/** Sessions of uploads that nobody continued in time. */
export async function* examineUploads(services: DoctorServices): AsyncGenerator<Case> {
  const expired = await services.db.service
    .selectFrom('dataset_upload_sessions')
    .select(sessionColumns)
    .where('expires_at', '<', new Date())
    .orderBy('expires_at')
    .execute()
  for (const session of expired) {
    const { storage_provider: provider } = session
    const location = {
      bucket: session.storage_bucket,
      region: session.storage_region,
      endpoint: session.storage_endpoint,
    }
    yield {
      finding: {
        code: 'upload_expired',
        provider,
        place: storageCatalog[provider].placeOf(location),
        key: session.storage_path,
        dataset_id: session.id,
        name: session.file_name,
        user_id: session.user_id,
        size_bytes: session.size_bytes,
        message: `An upload that nobody continued expired on ${session.expires_at.toISOString()}.`,
        remedy: 'Mending removes it with what the store has of it.',
      },
      async mend() {
        await removeSession(services, session)
        return 'The upload was removed, with what the store had of it.'
      },
    }
  }
}
