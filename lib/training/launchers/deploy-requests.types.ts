import { z } from 'zod'
import { deployBaseSchema } from '#lib/training/job.types.ts'
import { type TrainingProvider, trainingProviders } from '#lib/training/training-config.types.ts'
import { factOfEach } from './all-facts.types.ts'

/** The provider's own fields of a deploy call, beside those that all have. */
export const deployOptions = factOfEach('options')

/** What `POST /api/training/deploy/<provider>` takes. A field that nobody knows is refused: a misspelt budget is none. */
export const deployRequestSchemas = Object.fromEntries(
  trainingProviders.map((provider) => [
    provider,
    z.strictObject({ ...deployBaseSchema.shape, ...deployOptions[provider].shape }),
  ]),
) as Record<TrainingProvider, typeof deployBaseSchema>

/** Parts a deploy call into what all providers take and what is the provider's own. */
export function optionsIn(
  provider: TrainingProvider,
  request: Record<string, unknown>,
): Record<string, unknown> {
  const names = Object.keys(deployOptions[provider].shape)
  return Object.fromEntries(
    names.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]),
  )
}
