import { isAppError } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { Session } from './account.types.ts'

/** Who is looking, if anybody, and what the sign-in page should offer. */
export async function readSession(
  { db, identity, authenticator }: Pick<Services, 'db' | 'identity' | 'authenticator'>,
  headers: Headers,
): Promise<Session> {
  const user = await authenticator.authenticate(headers).then(
    (found) => found.user,
    (error) => {
      if (isAppError(error) && error.kind === 'unauthenticated') return null
      throw error
    },
  )
  const deployment = await db.service.selectFrom('app_deployment').select('signup_open').executeTakeFirst()
  return {
    user,
    auth: identity.kind,
    needs_owner: user === null && (await identity.needsOwner()),
    signup_open: deployment?.signup_open ?? false,
  }
}
