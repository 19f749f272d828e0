import { sql } from 'kysely'
import type { DoctorServices } from './place.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Accounts of our own, or whoever has anything here. */
export async function isUser({ db }: Pick<DoctorServices, 'db'>, userId: string): Promise<boolean> {
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
  services: Pick<DoctorServices, 'db'>,
  userId: string,
  key: string,
): Promise<boolean> {
  const [folder = ''] = key.split('/', 1)
  if (!uuid.test(folder) || folder.toLowerCase() === userId) return false
  return isUser(services, folder.toLowerCase())
}
