import { sql } from 'kysely'
import { conflict } from '#lib/errors/app-error.ts'
import { deploymentField, storageCatalog } from '#lib/storage/storage-catalog.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { ListedObject, StorageService } from '#lib/storage/storage-service.ts'
import { datasetOfRow } from '../datasets/dataset-row.ts'
import { adoptObject } from './adopt-object.ts'
import type { DoctorOptions } from './doctor.types.ts'
import { isUser } from './folders.ts'
import { aboutObject, type Case, type DoctorServices, type Place } from './place.ts'

/** Whose an object is that no row speaks of. */
type Ownership =
  /** It says so itself, or lies where nobody else puts anything. */
  | 'ours'
  /** It says nothing, but is below the folder of a user of ours. */
  | 'unmarked'
  | 'others'
  | 'gone'

interface NamedDataset {
  userId: string
  datasetId: string
  /** What ingest laid beside an object while it read it. */
  isLeftover: boolean
}

/** The user and the dataset in a key, if it has the shape that this store's keys have. */
export function readDatasetKey(provider: StorageProvider, key: string): NamedDataset | null {
  const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
  const shape = new RegExp(`^(${uuid})/.*/(${uuid})((?:\\.rows)?\\.jsonl\\.gz(\\.source)?)$`)
  const [, userId, datasetId, tail, source] = shape.exec(key) ?? []
  if (!userId || !datasetId) return null
  const usual = storageCatalog[provider].datasetKey(userId, datasetId).replace(/\.jsonl\.gz$/, tail!)
  return usual === key ? { userId, datasetId, isLeftover: source !== undefined } : null
}

/** An object that no row claims. Those in other shapes than ours are nobody's business; young ones may get their row yet. */
export async function* examineObject(
  services: DoctorServices,
  place: Place & { store: StorageService },
  object: ListedObject,
  options: DoctorOptions,
  signal: AbortSignal,
): AsyncGenerator<Case> {
  const { store } = place
  const named = readDatasetKey(place.provider, object.key)
  if (!named || isYoung(object, options) || (await isClaimed(services, place, object))) return
  const ownership = await ownershipOf(services, place, object, named, signal)
  const about = { ...aboutObject(place, object), dataset_id: named.datasetId, user_id: named.userId }
  if (ownership === 'gone') return
  if (ownership === 'others') {
    const message = 'No row speaks of this object; it belongs to another deployment, or to nobody known here.'
    const remedy = 'It is left alone.'
    yield { finding: { code: 'object_of_others', ...about, message, remedy }, mend: null }
    return
  }
  const plan = planOf(options, ownership, named)
  const remove = async () => {
    if (await isClaimed(services, place, object)) throw hasRowNow()
    const { removed } = await store.delete(object.key, { signal })
    return removed ? `The object was removed, ${object.sizeBytes} bytes.` : 'It was gone already.'
  }
  const adopt = () => adoptAsNew(services, { ...place, store }, object, named, signal)
  yield {
    finding: {
      code: 'object_without_row',
      ...about,
      message: `No row speaks of this object, written ${object.lastModified?.toISOString() ?? 'at an unknown time'}.`,
      remedy: plan.remedy,
    },
    mend: { adopt, remove, keep: null }[plan.do],
  }
}

function planOf(
  { orphans }: DoctorOptions,
  ownership: Ownership,
  { isLeftover }: NamedDataset,
): { do: DoctorOptions['orphans']; remedy: string } {
  if (orphans === 'remove' && ownership === 'unmarked')
    return { do: 'keep', remedy: 'It does not say which deployment it belongs to: it is not removed.' }
  if (orphans === 'remove') return { do: 'remove', remedy: 'Mending removes it.' }
  if (isLeftover)
    return { do: 'keep', remedy: 'It is what an upload left behind; --orphans remove takes it away.' }
  if (orphans === 'keep') return { do: 'keep', remedy: 'It is left alone, as --orphans keep says.' }
  return {
    do: 'adopt',
    remedy:
      'Mending gives its owner a dataset that holds it, if it can be read; --orphans remove removes it instead.',
  }
}

/** Without grace nothing is: a store's clock may be ahead of ours, and Swift's rounds up. */
const isYoung = ({ lastModified }: ListedObject, { grace_minutes }: DoctorOptions): boolean =>
  grace_minutes > 0 && lastModified !== null && Date.now() - lastModified.getTime() < grace_minutes * 60_000

/** Asked at the last moment: a dataset or an upload may have begun since the rows were read. */
async function isClaimed(
  { db }: DoctorServices,
  { provider }: Place,
  { key }: ListedObject,
): Promise<boolean> {
  const path = key.replace(/\.source$/, '')
  const dataset = await db.service
    .selectFrom('training_datasets')
    .select('id')
    .where('storage_provider', '=', provider)
    .where((eb) =>
      eb.or([
        eb('storage_path', '=', path),
        // What was brought in from it; the object from before is its owner's to keep.
        eb(sql`metadata ->> 'earlier_path'`, '=', path),
      ]),
    )
    .where((eb) => (path === key ? eb.lit(true) : eb('status', '=', 'uploading')))
    .executeTakeFirst()
  if (dataset) return true
  const upload = await db.service
    .selectFrom('dataset_upload_sessions')
    .select('id')
    .where('storage_provider', '=', provider)
    .where('storage_path', '=', path)
    .where('status', 'in', ['receiving', 'duplicate'])
    .executeTakeFirst()
  return upload !== undefined
}

async function ownershipOf(
  services: DoctorServices,
  place: Place & { store: StorageService },
  object: ListedObject,
  { userId }: NamedDataset,
  signal: AbortSignal,
): Promise<Ownership> {
  const known = await isUser(services, userId)
  // An upload that was mended a moment ago has taken its object along.
  const info = await place.store.head(object.key, { signal })
  if (!info) return 'gone'
  if (!storageCatalog[place.provider].mayHoldOthers) return 'ours'
  const deployment = info.metadata[deploymentField]
  if (deployment !== undefined) return deployment === services.deploymentId ? 'ours' : 'others'
  return known ? 'unmarked' : 'others'
}

/** A dataset of its own for the object. It is failed until the object was read, and goes again if that cannot be. */
async function adoptAsNew(
  services: DoctorServices,
  place: Place & { store: StorageService },
  object: ListedObject,
  { userId, datasetId }: NamedDataset,
  signal: AbortSignal,
): Promise<string> {
  if (!(await isUser(services, userId)))
    throw conflict('owner_unknown', 'Its owner has no account any more', '--orphans remove removes it.')
  if (await isClaimed(services, place, object)) throw hasRowNow()
  const { provider, store } = place
  const { bucket, region, endpoint } = store.location
  const row = await services.db.service
    .insertInto('training_datasets')
    .values({
      id: datasetId,
      user_id: userId,
      name: `Recovered ${datasetId.slice(0, 8)}`,
      status: 'failed',
      storage_provider: provider,
      storage_bucket: bucket,
      storage_region: region,
      storage_endpoint: endpoint,
      storage_path: object.key,
    })
    .onConflict((on) => on.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row)
    throw conflict('dataset_exists', 'A dataset of this id lies elsewhere', `See /datasets/${datasetId}.`)
  try {
    const did = await adoptObject(
      services,
      datasetOfRow(row),
      { provider, store, key: object.key, isShared: false },
      signal,
    )
    return `"${row.name}" was made of it (/datasets/${row.id}). ${did}`
  } catch (error) {
    await services.db.service.deleteFrom('training_datasets').where('id', '=', row.id).execute()
    throw error
  }
}

const hasRowNow = () => conflict('object_has_row', 'A row speaks of it by now', 'Run the doctor again.')
