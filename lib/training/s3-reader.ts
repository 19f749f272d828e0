import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { S3Reader } from './compatibility.ts'

/** Where the user's trainings that read s3:// run: in the region of their AWS key. */
export async function s3ReaderOf(
  { storageAccess, settings }: Pick<Services, 'storageAccess' | 'settings'>,
  user: Pick<User, 'id'>,
): Promise<S3Reader> {
  const { aws } = await storageAccess(user.id)
  // On a private network an address may be a gateway to Amazon's: the launch, which is asked last, goes by the name.
  const anyAddress = settings.SAGEMAKER_ENDPOINT !== undefined || settings.ALLOW_PRIVATE_ADDRESSES
  return { region: aws?.region ?? null, anyAddress }
}
