import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Session } from './account.types.ts'

/** Who is looking, if anybody, and what the sign-in page should offer. */
export async function readSession(
  { identity, authenticator }: Pick<Services, 'identity' | 'authenticator'>,
  headers: Headers,
): Promise<Session> {
  const user = await authenticator.authenticate(headers).then(
    (found) => found.user,
    (error) => {
      if (isAppError(error) && error.kind === 'unauthenticated') return null
      throw error
    },
  )
  return {
    user,
    auth: identity.kind,
    needs_owner: user === null && (await identity.needsOwner()),
    signup_open: await identity.isSignupOpen(),
    is_owner: user !== null && (await identity.isOwner(user.id)),
  }
}
