import { sql } from 'kysely'
import type { Services } from '#lib/services.ts'
import { readLegacyPath } from './legacy-path.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Accounts of our own, or whoever has anything here. */
export async function isUser({ db }: Pick<Services, 'db'>, userId: string): Promise<boolean> {
  const found = await sql`
    select 1 from accounts."user" where id = ${userId}
    union all select 1 from training_datasets where user_id = ${userId}
    union all select 1 from training_configs where user_id = ${userId}
    union all select 1 from secrets where user_id = ${userId}
    limit 1`.execute(db.service)
  return found.rows.length > 0
}

export const isInFolderOf = (userId: string, key: string): boolean => key.startsWith(`${userId}/`)

/** What lies in the folder of another user is theirs, whatever a row says. */
export async function isInFolderOfAnother(
  services: Pick<Services, 'db'>,
  userId: string,
  key: string,
): Promise<boolean> {
  const [folder = ''] = key.split('/', 1)
  if (!uuid.test(folder) || folder.toLowerCase() === userId) return false
  return isUser(services, folder.toLowerCase())
}

/** Whether the path of another dataset, or of an upload, has the same key, in whatever bucket. */
export type IsNamedByOthers = (dataset: { id: string }, key: string) => boolean

export async function readKeyNames({ db }: Pick<Services, 'db'>): Promise<IsNamedByOthers> {
  const columns = ['id', 'storage_path'] as const
  const datasets = await db.service.selectFrom('training_datasets').select(columns).execute()
  const uploads = await db.service.selectFrom('dataset_upload_sessions').select(columns).execute()
  const names = new Map<string, Set<string>>()
  for (const { id, storage_path: path } of [...datasets, ...uploads]) {
    if (path === null) continue
    const key = (readLegacyPath(path)?.key ?? path).normalize('NFC')
    names.set(key, (names.get(key) ?? new Set()).add(id))
  }
  return ({ id }, key) => [...(names.get(key.normalize('NFC')) ?? [])].some((other) => other !== id)
}
