import type { z } from 'zod'
import {
  problemOfVariable,
  problemOfVariables,
  type variableSchema,
} from '#lib/training/environment-variables.types.ts'

export type EnvironmentLine = z.output<typeof variableSchema>

/** A line that nobody has typed in is none. */
export const isFilled = ({ name, value }: EnvironmentLine) => name !== '' || value !== ''

interface Problem {
  path: (string | number)[]
  message: string
}

/** What is wrong with the lines, each at its name. */
export function variableProblems(lines: readonly EnvironmentLine[]): Problem[] {
  const filled = lines.filter(isFilled)
  const together = problemOfVariables(Object.fromEntries(filled.map(({ name, value }) => [name, value])))
  const single = lines.flatMap((line, at): Problem[] => {
    if (!isFilled(line)) return []
    const repeated = lines.findIndex(({ name }) => name === line.name) < at
    const message = repeated ? 'This name is there already' : problemOfVariable(line.name, line.value)
    return message ? [{ path: ['environment', at, 'name'], message }] : []
  })
  return together ? [...single, { path: ['environment'], message: together }] : single
}
