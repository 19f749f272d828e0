import { logLevels } from '#lib/training/job.types.ts'
import type { LogLevel } from './log-store.ts'

/** What the level menu offers: everything from a level up. */
export const levelChoices = [
  { value: 'debug', label: 'All levels' },
  { value: 'info', label: 'Info and above' },
  { value: 'warning', label: 'Warnings and errors' },
  { value: 'error', label: 'Errors only' },
] as const satisfies readonly { value: LogLevel; label: string }[]

export function levelsFrom(level: LogLevel): ReadonlySet<LogLevel> {
  return new Set(logLevels.slice(logLevels.indexOf(level)))
}
