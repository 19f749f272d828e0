import type { z } from 'zod'
import type { apiTokenCreatedSchema, apiTokenInputSchema } from '#lib/auth/account.types.ts'
import type { User } from '#lib/auth/identity.ts'
import type { Database } from '#lib/db/database.ts'
import { hashToken, makeToken, previewToken } from './token-secret.ts'

const dayMilliseconds = 86_400_000

/** Makes an API token; the answer is the only place where the token itself ever appears. */
export async function createToken(
  { db }: { db: Database },
  user: User,
  input: z.infer<typeof apiTokenInputSchema>,
): Promise<z.infer<typeof apiTokenCreatedSchema>> {
  const token = makeToken('ftl')
  const expiresAt = input.expires_in_days
    ? new Date(Date.now() + input.expires_in_days * dayMilliseconds)
    : null
  // The hash is not a column that users may write, so this one insert is the server's.
  const row = await db.service
    .insertInto('api_tokens')
    .values({
      user_id: user.id,
      name: input.name,
      preview: previewToken(token),
      token_hash: hashToken(token),
      expires_at: expiresAt,
    })
    .returning(['id', 'name', 'preview', 'created_at', 'last_used_at', 'expires_at'])
    .executeTakeFirstOrThrow()
  return { ...tokenAnswer(row), token }
}

/** A row as the API shows it. */
export function tokenAnswer(row: {
  id: string
  name: string
  preview: string
  created_at: Date
  last_used_at: Date | null
  expires_at: Date | null
}) {
  return {
    id: row.id,
    name: row.name,
    preview: row.preview,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    expires_at: row.expires_at?.toISOString() ?? null,
  }
}
