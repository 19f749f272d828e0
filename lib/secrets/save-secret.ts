import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { invalid, isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { assertEndpointAllowed } from '#lib/storage/endpoint/endpoint-guard.ts'
import { secretOfRow, shownColumns } from './list-secrets.ts'
import {
  type OpenedSecret,
  type Secret,
  type SecretInput,
  type SecretMetadata,
  type SecretProvider,
  secretInputSchemas,
  shownMetadataSchema,
} from './secret.types.ts'
import { findSecretNeeds } from './secret-needs.ts'

/** Puts a user's secret into the vault, in the place of an earlier one; answers it as the page shows it. */
export async function saveSecret(
  services: Pick<Services, 'db' | 'secrets' | 'settings'>,
  user: User,
  provider: SecretProvider,
  input: SecretInput,
): Promise<Secret> {
  const kept = input.api_key === undefined ? await services.secrets.peek(user.id, provider) : null
  const parsed = secretInputSchemas[provider].safeParse(kept ? withKeysOf(kept, input) : input)
  if (!parsed.success) throw invalidSecret(parsed.error.issues)
  const { api_key: apiKey, description } = parsed.data
  const metadata: SecretMetadata = parsed.data.metadata ?? {}
  if (metadata.aws?.endpoint) checkEndpoint(metadata.aws.endpoint, services.settings.ALLOW_PRIVATE_ADDRESSES)

  await services.secrets.save(user.id, provider, {
    apiKey,
    metadata,
    // Names fields one by one: a field that is added to the input stays sealed until somebody adds it there too.
    shown: shownMetadataSchema.parse(metadata),
    description: description ?? null,
  })
  return services.db.asUser(user.id, async (trx) => {
    const row = await trx
      .selectFrom('secrets')
      .select(shownColumns)
      .where('provider', '=', provider)
      .executeTakeFirstOrThrow()
    return secretOfRow(row, await findSecretNeeds(services, trx, provider), null)
  })
}

/** What was left out of a change, from the vault: whoever corrects a region need not have the key at hand. */
function withKeysOf({ apiKey, metadata: { aws } }: OpenedSecret, input: SecretInput): SecretInput {
  if (!aws) return { ...input, api_key: apiKey }
  const { secret_access_key } = aws
  const place = input.metadata?.aws as object | undefined
  return {
    ...input,
    api_key: apiKey,
    metadata: { ...input.metadata, aws: { secret_access_key, ...place } },
  }
}

/** Each bad field with its place, and never its value. */
function invalidSecret(issues: readonly z.core.$ZodIssue[]) {
  const details = issues.map(({ path, message, code }) => ({
    field: path.join('.'),
    message: code === 'invalid_type' ? 'This field is needed' : message,
  }))
  return invalid('invalid_secret', 'Something about this secret is missing or wrong', details)
}

function checkEndpoint(endpoint: string, allowPrivateAddresses: boolean): void {
  try {
    assertEndpointAllowed(endpoint, { allowPrivateAddresses })
  } catch (error) {
    if (!isAppError(error)) throw error
    throw invalid(error.code, error.message, [
      { field: 'metadata.aws.endpoint', message: String(error.details ?? error.message) },
    ])
  }
}
