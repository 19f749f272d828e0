import { z } from 'zod'
import { authUnreachable } from './auth-errors.ts'
import type { SupabaseProject } from './project.ts'

const projectSettingsSchema = z.object({
  disable_signup: z.boolean(),
  external: z.object({ email: z.boolean() }),
})

const askedAgainMilliseconds = 60_000

/** Whether the project lets people make accounts with a password. While it does not answer, what it said last stands. */
export function createSignupState({ url, anonKey }: SupabaseProject): () => Promise<boolean> {
  let last: { isOpen: boolean; at: number } | null = null
  return async () => {
    if (last && Date.now() - last.at < askedAgainMilliseconds) return last.isOpen
    try {
      last = { isOpen: await ask(url, anonKey), at: Date.now() }
    } catch (error) {
      if (!last) throw authUnreachable(error)
    }
    return last.isOpen
  }
}

async function ask(url: string, anonKey: string): Promise<boolean> {
  const answer = await fetch(`${url}/auth/v1/settings`, {
    headers: { apikey: anonKey },
    signal: AbortSignal.timeout(10_000),
  })
  const { disable_signup, external } = projectSettingsSchema.parse(await answer.json())
  return !disable_signup && external.email
}
