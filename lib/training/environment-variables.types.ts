import { z } from 'zod'

/** What a person may set for a training, and what is ours to set: the same rule for the form and for the launch. */
const variablesMax = 40
const allCharactersMax = 65_536
/** No variable grows beyond what every container runtime takes (Linux: 128 KiB a string). */
export const variableCharactersMax = 32_000
const nameOfVariable = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/
const ours =
  /^(FINETUNELAB_.*|JOB_(ID|TOKEN)|DATASET_(URL|SHA256)|RUNNER_.*|TRAINING_CONFIG_B64|WORK_DIR|KEEP_ALIVE|INSTALL_TRAINER|EXPECT_GPU)$/

/** Why a variable cannot be set; null where it can. */
export function problemOfVariable(name: string, value: string): string | null {
  if (!nameOfVariable.test(name)) return 'A name has letters, digits and _ and begins with no digit'
  if (ours.test(name)) return 'FineTune Lab sets this one itself'
  if (value.length > variableCharactersMax)
    return `At most ${variableCharactersMax} characters, these are ${value.length}`
  if (value.includes('\0')) return 'No NUL characters'
  return null
}

/** Why so many variables cannot be set together; null where they can. */
export function problemOfVariables(environment: Readonly<Record<string, string>>): string | null {
  const entries = Object.entries(environment)
  const characters = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (entries.length <= variablesMax && characters <= allCharactersMax) return null
  return `At most ${variablesMax}, with ${allCharactersMax} characters together`
}

/** One line of a form. */
export const variableSchema = z.object({ name: z.string(), value: z.string() })
