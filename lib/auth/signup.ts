import type { z } from 'zod'
import type { Database } from '#lib/db/database.ts'
import { conflict, denied } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import type { signupSchema } from './account.types.ts'
import type { User } from './identity.ts'

type Signup = z.infer<typeof signupSchema>

/** Opens or closes sign-up, in every process at once; the owner's to decide. */
export async function setSignup(
  { db, identity }: Pick<Services, 'db' | 'identity'>,
  user: User,
  { signup_open }: Signup,
): Promise<Signup> {
  if (identity.kind === 'supabase') {
    throw conflict(
      'accounts_at_supabase',
      'The Supabase project decides who can make an account',
      'Change it there, under Authentication > Sign In / Providers.',
    )
  }
  if (!(await identity.isOwner(user.id))) {
    throw denied(
      'not_the_owner',
      'Only the owner of this deployment can change this',
      'Ask whoever set it up.',
    )
  }
  return db.service
    .updateTable('app_deployment')
    .set({ signup_open })
    .returning('signup_open')
    .executeTakeFirstOrThrow()
}

export async function isSignupOpen(db: Database): Promise<boolean> {
  const { signup_open } = await db.service
    .selectFrom('app_deployment')
    .select('signup_open')
    .executeTakeFirstOrThrow()
  return signup_open
}
