import type { Selectable } from 'kysely'
import type { User } from '#lib/auth/identity.ts'
import type { DatabaseSchema } from '#lib/db/schema.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import {
  type LastTest,
  type Secret,
  type SecretNeeds,
  type SecretProvider,
  secretProviderLabels,
  secretProviders,
  shownMetadataSchema,
} from './secret.types.ts'
import { findSecretNeeds } from './secret-needs.ts'

/** The user's secrets in the order of the page. One that cannot be opened is listed too, with the reason. */
export async function listSecrets(
  services: Pick<Services, 'db' | 'secrets' | 'settings'>,
  user: User,
): Promise<{ secrets: Secret[] }> {
  const { db, secrets } = services
  const found = await db.asUser(user.id, async (trx) => {
    const rows = await trx.selectFrom('secrets').select(shownColumns).execute()
    const answer: { row: ShownRow; needs: SecretNeeds }[] = []
    for (const row of rows) answer.push({ row, needs: await findSecretNeeds(services, trx, row.provider) })
    return answer
  })
  const shown = await Promise.all(
    found.map(async ({ row, needs }) =>
      secretOfRow(row, needs, await problemOf(secrets, user.id, row.provider)),
    ),
  )
  const place = (secret: Secret) => secretProviders.indexOf(secret.provider)
  return { secrets: shown.sort((one, other) => place(one) - place(other)) }
}

/** All but `sealed`, which a user's role may not even read. */
export const shownColumns = [
  'provider',
  'preview',
  'description',
  'metadata',
  'last_test',
  'last_used_at',
  'created_at',
  'updated_at',
] as const satisfies (keyof DatabaseSchema['secrets'])[]
type ShownRow = Pick<Selectable<DatabaseSchema['secrets']>, (typeof shownColumns)[number]>

export function secretOfRow(row: ShownRow, needs: SecretNeeds, problem: string | null): Secret {
  return {
    provider: row.provider,
    label: secretProviderLabels[row.provider],
    preview: row.preview,
    description: row.description,
    metadata: shownMetadataSchema.safeParse(row.metadata).data ?? {},
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    last_test: row.last_test as LastTest | null,
    problem,
    needed_by: needs,
  }
}

async function problemOf(
  secrets: Services['secrets'],
  userId: string,
  provider: SecretProvider,
): Promise<string | null> {
  try {
    await secrets.peek(userId, provider)
    return null
  } catch (error) {
    if (!isAppError(error)) throw error
    return [`${error.message}.`, error.details].filter((part) => typeof part === 'string').join(' ')
  }
}
