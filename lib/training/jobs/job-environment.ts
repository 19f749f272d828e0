import { invalid } from '#lib/errors/app-error.ts'
import type { SealedFor } from '#lib/secrets/sealed-box.ts'
import { problemOfVariables } from '#lib/training/environment-variables.types.ts'
import { checkEnvironment } from '#lib/training/launchers/bootstrap.ts'

/** The row that a job's sealed environment belongs to: it opens nowhere else. */
export function sealedFor(job: { id: string; user_id: string }): SealedFor {
  return { userId: job.user_id, provider: `environment of job ${job.id}` }
}

/** Throws `invalid`, naming the variable, for an environment that no job may have. */
export function checkJobEnvironment(environment: Readonly<Record<string, string>>): void {
  checkEnvironment(environment)
  const message = problemOfVariables(environment)
  if (message)
    throw invalid('environment_invalid', 'Too many environment variables', [
      { field: 'environment_variables', message },
    ])
}
