import type { User } from '#lib/auth/identity.ts'
import { nameOf } from './access-token.ts'
import { authError } from './auth-errors.ts'
import { type AuthClient, authClient, type SupabaseProject } from './project.ts'
import { createShortMemory } from './short-memory.ts'

export interface ProjectAccounts {
  /** Null where the account is gone or blocked; believed for a minute. */
  find(id: string): Promise<User | null>
  /** The account that automation acts as, made when absent, under an id that all processes know beforehand. */
  ensureOwner(): Promise<User>
}

type SupabaseUser = NonNullable<Awaited<ReturnType<AuthClient['getUser']>>['data']['user']>

/** The accounts of a project, asked for with the service key: for requests that come without a proof from Supabase. */
export function createProjectAccounts(
  { url, serviceRoleKey }: SupabaseProject,
  { ownerId }: { ownerId: string },
): ProjectAccounts {
  const { admin } = authClient(url, serviceRoleKey)
  const users = createShortMemory<User | null>({ milliseconds: 60_000, max: 10_000 })

  async function ask(id: string): Promise<User | null> {
    const { data, error } = await admin.getUserById(id)
    if (error?.code === 'user_not_found') return null
    if (error || !data.user) throw authError(error)
    return isBlocked(data.user) ? null : userOf(data.user)
  }

  const accounts: ProjectAccounts = {
    async find(id) {
      const known = users.recall(id)
      if (known !== undefined) return known
      const found = await ask(id)
      users.keep(id, found)
      return found
    },
    async ensureOwner() {
      const found = await accounts.find(ownerId)
      if (found) return found
      const { data, error } = await admin.createUser({
        id: ownerId,
        email: `owner-${ownerId}@finetunelab.invalid`,
        email_confirm: true,
        user_metadata: { name: 'Owner' },
      })
      // Another process may have made it at this moment.
      const owner = data.user ? userOf(data.user) : await ask(ownerId)
      if (!owner) throw authError(error)
      users.keep(ownerId, owner)
      return owner
    },
  }
  return accounts
}

function isBlocked({ banned_until }: SupabaseUser): boolean {
  return banned_until !== undefined && Date.parse(banned_until) > Date.now()
}

export function userOf({ id, email = '', user_metadata }: SupabaseUser): User {
  return { id, email, name: nameOf(user_metadata, email) }
}
