import { z } from 'zod'
import { type StorageProvider, storageProviders } from '#lib/storage/storage-provider.types.ts'

/** Where checkpoints and the result go; empty is the deployment's own choice, and nowhere for a detached machine. */
export const resultPlaces = ['', ...storageProviders, 'huggingface'] as const
export type ResultPlace = (typeof resultPlaces)[number]

export const resultValuesSchema = z.object({
  place: z.enum(resultPlaces),
  /** Of the Hugging Face Hub; these two count only where the place is. */
  repository: z.string().trim(),
  token: z.string().trim(),
})
export type ResultValues = z.output<typeof resultValuesSchema>

export const firstResultValues: ResultValues = { place: '', repository: '', token: '' }

interface Problem {
  path: (string | number)[]
  message: string
}

/** What is wrong with the place, by the names of the variables that are set beside it. */
export function resultProblems(result: ResultValues, variables: readonly string[]): Problem[] {
  if (result.place !== 'huggingface') return []
  const problems: Problem[] = []
  if (!/^[\w.-]{1,96}\/[\w.-]{1,96}$/.test(result.repository))
    problems.push({ path: ['result', 'repository'], message: 'Owner and name, such as me/support-adapter.' })
  if (!result.token && !variables.includes('HF_TOKEN'))
    problems.push({ path: ['result', 'token'], message: 'A token that may write to this repository.' })
  for (const name of Object.keys(variablesOfResult(result)))
    if (variables.includes(name))
      problems.push({
        path: ['environment', variables.indexOf(name), 'name'],
        message: 'Set already by where the result goes.',
      })
  return problems
}

/** The store that is named in the deploy call, where there is one. */
export function storeOfResult({ place }: Pick<ResultValues, 'place'>): StorageProvider | null {
  return storageProviders.find((provider) => provider === place) ?? null
}

/** What the runner has to be told of the place. */
export function variablesOfResult({ place, repository, token }: ResultValues): Record<string, string> {
  if (place !== 'huggingface') return {}
  return { HF_REPO_ID: repository, ...(token ? { HF_TOKEN: token } : {}) }
}
