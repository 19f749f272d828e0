import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { type CliEnvironment, cliEnvironment } from '#lib/config/cli-environment.ts'
import { misconfigured, unauthenticated } from '#lib/errors/app-error.ts'

/** What `login` keeps, readable by its owner only. */
const profileSchema = z.object({ url: z.url({ protocol: /^https?$/ }), token: z.string().min(1) })
export type Profile = z.infer<typeof profileSchema>

export const defaultUrl = 'http://127.0.0.1:3000'

export async function readProfile(file: string): Promise<Profile | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  try {
    return profileSchema.parse(JSON.parse(text))
  } catch (error) {
    const details = `Run "finetunelab login" to write ${file} anew.`
    throw misconfigured('invalid_profile', 'The stored login cannot be read', details, error)
  }
}

export async function writeProfile(file: string, profile: Profile): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}`
  try {
    await writeFile(beside, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(beside, file)
  } finally {
    await rm(beside, { force: true })
  }
}

export const removeProfile = (file: string): Promise<void> => rm(file, { force: true })

/** Where to call, and as whom: the environment first, then what `login` stored. */
export async function connect(environment: CliEnvironment = cliEnvironment()): Promise<ApiConnection> {
  const { url, token, profileFile } = environment
  const profile = url && token ? null : await readProfile(profileFile)
  // A token is for the server that it was stored with, and for no other.
  const stored = !url || url === profile?.url ? profile?.token : undefined
  const known = token ?? stored
  if (!known)
    throw unauthenticated(
      'not_signed_in',
      'You are not signed in',
      'Make a token under Settings > Tokens and run "finetunelab login".',
    )
  return { baseUrl: (url ?? profile?.url ?? defaultUrl).replace(/\/+$/, ''), token: known }
}
