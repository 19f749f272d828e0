import { corrupt, isAppError } from '#lib/errors/app-error.ts'
import type { MemberIndexEntry } from '#lib/ingest/ingest.types.ts'
import { decodeMemberIndex, encodeMemberIndex } from '#lib/ingest/member-index.ts'
import { ObjectCursor } from '#lib/ingest/object-cursor.ts'
import { rebuildMemberIndex } from '#lib/ingest/rebuild-index.ts'
import type { Services } from '#lib/services.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { ReadyDataset } from '../datasets/get-dataset.ts'
import { counted } from './doctor-words.ts'

/** What the database has, or what is wrong with it. */
export async function readIndex(
  { db }: Pick<Services, 'db'>,
  datasetId: string,
): Promise<{ members: MemberIndexEntry[] | null; fault: string | null; missing: boolean }> {
  const row = await db.service
    .selectFrom('dataset_member_indexes')
    .select('members')
    .where('dataset_id', '=', datasetId)
    .executeTakeFirst()
  if (!row) return { members: null, fault: null, missing: true }
  try {
    return { members: decodeMemberIndex(row.members), fault: null, missing: false }
  } catch (error) {
    if (!isAppError(error)) throw error
    return { members: null, fault: String(error.details), missing: false }
  }
}

/** What does not add up between an index and the row, or null. */
export function misfitOf(members: readonly MemberIndexEntry[], dataset: ReadyDataset): string | null {
  const rows = members.reduce((sum, member) => sum + member.rows, 0)
  const bytes = members.reduce((sum, member) => sum + member.sizeBytes, 0)
  if (rows !== dataset.total_examples) return `It counts ${rows} rows, not ${dataset.total_examples}.`
  if (bytes !== dataset.file_size_bytes) return `It ends at byte ${bytes}, not ${dataset.file_size_bytes}.`
  return null
}

export async function saveIndex(
  { db }: Pick<Services, 'db'>,
  dataset: { id: string; user_id: string },
  entries: readonly MemberIndexEntry[],
): Promise<void> {
  const members = encodeMemberIndex(entries)
  await db.service
    .insertInto('dataset_member_indexes')
    .values({ dataset_id: dataset.id, user_id: dataset.user_id, members })
    .onConflict((on) => on.column('dataset_id').doUpdateSet({ members }))
    .execute()
}

/** What to say of a rebuilt index. */
export function rebuiltWords(members: readonly MemberIndexEntry[]): string {
  const rows = members.reduce((sum, member) => sum + member.rows, 0)
  return `The index was rebuilt from the object: ${counted(members.length, 'member')}, ${counted(rows, 'row')}.`
}

/** Rebuilds a dataset's index from its object, of which little more than the members' heads is fetched. */
export async function rebuildIndex(
  services: Pick<Services, 'db'>,
  store: StorageService,
  dataset: ReadyDataset,
  signal: AbortSignal,
): Promise<string> {
  const { storage_path: key, file_size_bytes: sizeBytes } = dataset
  const open = (start: number) => store.getRange(key, { start }, { signal })
  const members = await rebuildMemberIndex(ObjectCursor.overRanges(open, sizeBytes), { signal })
  const misfit = misfitOf(members, dataset)
  if (misfit) throw corrupt('corrupt_object', 'The stored object is not what its row says', misfit)
  await saveIndex(services, dataset, members)
  return rebuiltWords(members)
}
