import { isApiError } from '#lib/client/api-error.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import { machineFieldPath } from './machine/machine-values.ts'
import type { EnvironmentLine } from './run/environment-lines.ts'

/** The type of an error at a field that the server, not the form, has found. */
export const fromServer = 'server'

export interface PlacedProblem {
  /** The form's own name of the field. */
  path: string
  message: string
}

const ownFields: Readonly<Record<string, string>> = {
  name: 'name',
  base_model: 'base_model',
  budget_limit: 'budget_limit',
  max_runtime_seconds: 'max_runtime_minutes',
  detached: 'detached',
  artifact_storage_provider: 'result.place',
  dataset_id: 'datasets',
  datasets: 'datasets',
}

/** Refusals without a list, and the field that each is about. */
const fieldOfCode: Readonly<Record<string, string>> = {
  dataset_incompatible: 'datasets',
  dataset_missing: 'datasets',
  dataset_not_found: 'datasets',
  dataset_not_ready: 'datasets',
  app_base_url_unreachable: 'detached',
  trainer_missing: 'trainer',
}

interface Form {
  provider: TrainingProvider
  environment: readonly EnvironmentLine[]
}

/** What the server refused, at the fields that it names; empty where it names none that the form shows. */
export function placedProblems(error: unknown, form: Form): PlacedProblem[] {
  if (!isApiError(error)) return []
  const { code, details, message } = error
  if (Array.isArray(details))
    return details.flatMap((one) => {
      const path = typeof one?.field === 'string' ? placeOf(one.field, form) : null
      return path && typeof one.message === 'string' ? [{ path, message: sentence(one.message) }] : []
    })
  const path = fieldOfCode[code]
  if (!path) return []
  return [{ path, message: [sentence(message), typeof details === 'string' ? details : ''].join(' ').trim() }]
}

function placeOf(field: string, { provider, environment }: Form): string | null {
  const [first = '', ...rest] = field.split('.')
  if (first === 'environment_variables') {
    const at = environment.findIndex(({ name }) => name !== '' && rest.join('.') === name.slice(0, 60))
    return at === -1 ? 'environment' : `environment.${at}.name`
  }
  if (first === 'hyperparameters') return field
  return ownFields[first] ?? machineFieldPath(provider, field)
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
