import type { Logger } from 'pino'
import { isAppError } from '#lib/errors/app-error.ts'
import type { AwsStorageSecret, StorageAccess } from '#lib/storage/storage-registry.ts'
import type { LastTest, OpenedSecret } from './secret.types.ts'
import type { SecretsManager } from './secrets-manager.service.ts'

/**
 * The keys to stores that a user brings along, from the vault. A secret that cannot be opened keeps nobody from the
 * other stores: what asks for S3 is told why there is none.
 */
export function createStorageAccess({
  secrets,
  log,
}: {
  secrets: SecretsManager
  log: Logger
}): (userId: string) => Promise<StorageAccess> {
  return async (userId) => {
    try {
      const secret = await secrets.peek(userId, 'aws')
      if (!secret) return { aws: null }
      const noteAwsUse = () => {
        secrets.noteUse(userId, 'aws').catch((error) => log.warn({ err: error }, 'a use was not noted'))
      }
      return { aws: awsStorageSecret(secret, secret.lastTest), noteAwsUse }
    } catch (error) {
      if (!isAppError(error)) throw error
      return { aws: null, awsProblem: error }
    }
  }
}

/** An AWS secret as the S3 adapter takes it, with what the bucket doctor learned about the store. */
export function awsStorageSecret(
  { apiKey, metadata: { aws } }: OpenedSecret,
  lastTest: LastTest | null,
): AwsStorageSecret | null {
  if (!aws) return null
  const learned = lastTest?.learned
  return {
    accessKeyId: apiKey,
    secretAccessKey: aws.secret_access_key,
    region: aws.region,
    bucket: aws.s3_bucket,
    endpoint: aws.endpoint ?? null,
    forcePathStyle: aws.force_path_style ?? learned?.force_path_style ?? null,
    checksumMode: learned?.checksum_mode ?? null,
    conditionalWrites: learned?.conditional_writes ?? false,
  }
}
