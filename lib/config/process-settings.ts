import { existsSync } from 'node:fs'
import { readSettings, type Settings } from './settings.ts'

/** The settings of this process: its environment over the `.env` file of the working folder. */
export function processSettings(): Settings {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return readSettings(process.env)
}
