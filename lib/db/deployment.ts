import type { Database } from './database.ts'

/**
 * What identifies this deployment to the outside. A database without it (a copy, whose `app_deployment` was emptied
 * so that it does not take the first one's machines for its own) gets a new one.
 */
export async function ownDeploymentId(db: Database): Promise<string> {
  const { id } = await db.service
    .insertInto('app_deployment')
    .values({ singleton: true })
    .onConflict((conflict) => conflict.column('singleton').doUpdateSet({ singleton: true }))
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
