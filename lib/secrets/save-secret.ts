import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { AppError, invalid, isAppError } from '#lib/errors/app-error.ts'
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
  secretProviderLabels,
  shownMetadataSchema,
} from './secret.types.ts'
import { findSecretNeeds, needsAsLines, nothingAtS3 } from './secret-needs.ts'

/**
 * Puts a user's secret into the vault, in the place of an earlier one; answers it as the page shows it. Where jobs that
 * are alive may be out of reach of the new one, they are listed first; `confirmed` saves it all the same.
 */
export async function saveSecret(
  services: Pick<Services, 'db' | 'secrets' | 'settings'>,
  user: User,
  { provider, input, confirmed }: { provider: SecretProvider; input: SecretInput; confirmed: boolean },
): Promise<Secret> {
  const earlier = await readableSecret(services, user, provider)
  const kept = input.api_key === undefined ? await services.secrets.peek(user.id, provider) : null
  const parsed = secretInputSchemas[provider].safeParse(kept ? withKeysOf(kept, input) : input)
  if (!parsed.success) throw invalidSecret(parsed.error.issues)
  const { api_key: apiKey, description } = parsed.data
  const metadata: SecretMetadata = parsed.data.metadata ?? {}
  if (metadata.aws?.endpoint) checkEndpoint(metadata.aws.endpoint, services.settings.ALLOW_PRIVATE_ADDRESSES)
  if (earlier && !confirmed && leadsElsewhere(earlier, { apiKey, metadata }))
    await refuseWhileJobsLive(services, user, provider)

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

/** Null also for one that cannot be opened any more: whatever takes its place cuts nothing off. */
async function readableSecret(
  { secrets }: Pick<Services, 'secrets'>,
  user: User,
  provider: SecretProvider,
): Promise<OpenedSecret | null> {
  try {
    return await secrets.peek(user.id, provider)
  } catch (error) {
    if (!isAppError(error)) throw error
    return null
  }
}

/** Another key may belong to another account, and another region has other machines: ours would look gone there. */
function leadsElsewhere(
  before: Pick<OpenedSecret, 'apiKey' | 'metadata'>,
  after: Pick<OpenedSecret, 'apiKey' | 'metadata'>,
): boolean {
  return before.apiKey !== after.apiKey || before.metadata.aws?.region !== after.metadata.aws?.region
}

async function refuseWhileJobsLive(
  services: Pick<Services, 'db' | 'settings'>,
  user: User,
  provider: SecretProvider,
): Promise<void> {
  const needs = await services.db.asUser(user.id, (trx) => findSecretNeeds(services, trx, provider))
  if (needs.job_count === 0) return
  const cutOff = { ...needs, ...nothingAtS3 }
  throw new AppError('conflict', {
    code: 'secret_in_use',
    message: `Jobs are alive that the ${secretProviderLabels[provider]} secret looks after`,
    details: [
      ...needsAsLines(cutOff),
      'A key of another account can neither watch nor end them: they would look gone, and go on costing.',
      'Send ?confirm=true to save it all the same.',
    ],
    data: { needed_by: cutOff },
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
