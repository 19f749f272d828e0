import { invalid } from '#lib/errors/app-error.ts'
import type { SealedFor } from '#lib/secrets/sealed-box.ts'
import { checkEnvironment } from '#lib/training/launchers/bootstrap.ts'

const variablesMax = 40
const charactersMax = 65_536

/** The row that a job's sealed environment belongs to: it opens nowhere else. */
export function sealedFor(job: { id: string; user_id: string }): SealedFor {
  return { userId: job.user_id, provider: `environment of job ${job.id}` }
}

/** Throws `invalid`, naming the variable, for an environment that no job may have. */
export function checkJobEnvironment(environment: Readonly<Record<string, string>>): void {
  checkEnvironment(environment)
  const entries = Object.entries(environment)
  const characters = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (entries.length <= variablesMax && characters <= charactersMax) return
  throw invalid('environment_invalid', 'Too many environment variables', [
    `environment_variables: at most ${variablesMax}, with ${charactersMax} characters together`,
  ])
}
