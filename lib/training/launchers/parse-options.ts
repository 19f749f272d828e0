import type { z } from 'zod'
import { type AppError, invalid } from '#lib/errors/app-error.ts'

export interface FieldProblem {
  field: string
  message: string
}

/** Throws `invalid` with each field named. */
export function parseOptions<T extends z.ZodType>(label: string, schema: T, options: unknown): z.output<T> {
  const parsed = schema.safeParse(options)
  if (parsed.success) return parsed.data
  throw invalidLaunch(
    label,
    parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message })),
  )
}

export function invalidLaunch(label: string, problems: readonly FieldProblem[]): AppError {
  const [first] = problems
  return invalid('invalid_launch', `${label} cannot run this: ${first?.field}: ${first?.message}`, problems)
}
