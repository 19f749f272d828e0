/** Writes `.env.example` from the schema of the settings: `node scripts/env-example.ts`. */
import { writeFileSync } from 'node:fs'
import { envExample } from '#lib/config/env-example.ts'

writeFileSync('.env.example', envExample())
