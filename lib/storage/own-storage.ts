import type { AccessToken, User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'

/** A token that ends sooner than this would end on its way. */
const remainingMilliseconds = 10_000

/**
 * The services as one caller's request may use them: Supabase Storage is shown the caller's own access token, so that
 * its policies decide. Work that is nobody's request (sweeps, leases of a runner), and callers without such a token,
 * have the deployment's services as they are, with the service key.
 */
export function withOwnStorage<Given extends Pick<Services, 'storageAccess'>>(
  services: Given,
  { user, accessToken }: { user: Pick<User, 'id'>; accessToken?: AccessToken | undefined },
): Given {
  if (!accessToken) return services
  const { token, expiresAt } = accessToken
  const supabaseToken = () => (expiresAt.getTime() > Date.now() + remainingMilliseconds ? token : null)
  return {
    ...services,
    async storageAccess(userId: string) {
      const access = await services.storageAccess(userId)
      return userId === user.id ? { ...access, supabaseToken } : access
    },
  }
}
