import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const environmentSchema = z.object({
  XDG_CONFIG_HOME: z.string().optional(),
  FINETUNELAB_URL: z.string().optional(),
  FINETUNELAB_TOKEN: z.string().optional(),
  NO_COLOR: z.string().optional(),
})

export interface CliEnvironment {
  /** Where the command line keeps the address and the token. */
  profileFile: string
  /** For automation: win over what `login` stored. */
  url: string | null
  token: string | null
  hasColour: boolean
}

/** What the command line takes from its environment; an empty variable counts as unset. */
export function cliEnvironment(env: Record<string, string | undefined> = process.env): CliEnvironment {
  const given = environmentSchema.parse(env)
  const config = given.XDG_CONFIG_HOME || join(homedir(), '.config')
  return {
    profileFile: join(config, 'finetunelab', 'profile.json'),
    url: given.FINETUNELAB_URL || null,
    token: given.FINETUNELAB_TOKEN || null,
    hasColour: !given.NO_COLOR,
  }
}
