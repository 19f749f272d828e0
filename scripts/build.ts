import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runPackage } from './run-step.ts'

const stamp = '.next/finetunelab-sources'
/** What ends up in the built pages; the domain core runs from source and needs no build. */
const built = [
  'app',
  'components',
  'lib/client',
  'lib/server',
  'lib/training',
  'lib/auth',
  'lib/secrets',
  'lib/display',
  'lib/ingest',
  'lib/storage',
]
const single = ['next.config.ts', 'postcss.config.mjs', 'tsconfig.json', 'package-lock.json']

/** Builds the pages unless they were built from exactly these sources. */
export async function buildIfStale(): Promise<void> {
  const hash = hashSources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  console.log('Building the pages ...')
  const status = await runPackage('next/dist/bin/next', ['build'], {
    NEXT_TELEMETRY_DISABLED: '1',
    NODE_ENV: 'production',
  })
  if (status !== 0) process.exit(status)
  writeFileSync(stamp, hash)
}

function hashSources(): string {
  const hash = createHash('sha256')
  const files = built.filter(existsSync).flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  for (const file of [...single.filter(existsSync), ...files].sort())
    hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}
