import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { AppError, notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import {
  needsCount,
  type SecretProvider,
  type secretDeletedSchema,
  secretProviderLabels,
} from './secret.types.ts'
import { findSecretNeeds, needsAsLines } from './secret-needs.ts'

/** Takes a secret out of the vault. Where something still needs it, that is listed first; `confirmed` deletes all the same. */
export async function deleteSecret(
  services: Pick<Services, 'db' | 'settings'>,
  user: User,
  provider: SecretProvider,
  confirmed: boolean,
): Promise<z.infer<typeof secretDeletedSchema>> {
  return services.db.asUser(user.id, async (trx) => {
    const row = await trx
      .selectFrom('secrets')
      .select('id')
      .where('provider', '=', provider)
      .executeTakeFirst()
    if (!row) throw notFound('secret_not_found', `There is no secret for ${secretProviderLabels[provider]}`)
    const needs = await findSecretNeeds(services, trx, provider)
    if (needsCount(needs) > 0 && !confirmed) {
      throw new AppError('conflict', {
        code: 'secret_in_use',
        message: `The ${secretProviderLabels[provider]} secret is still needed`,
        details: [...needsAsLines(needs), 'Send ?confirm=true to delete it all the same.'],
        data: { needed_by: needs },
      })
    }
    await trx.deleteFrom('secrets').where('id', '=', row.id).execute()
    return { deleted: true as const, provider, needed_by: needs }
  })
}
