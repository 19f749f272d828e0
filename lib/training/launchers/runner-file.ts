import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where it is downloaded from, below this application's address. */
export const runnerPath = '/api/runner.py'

export interface RunnerFile {
  bytes: Buffer
  /** Hex. */
  sha256: string
}

let file: RunnerFile | undefined

/** The one file that runs beside the GPU, read once: every machine of this process gets the same bytes. */
export function readRunnerFile(): RunnerFile {
  if (!file) {
    const bytes = readFileSync(join(import.meta.dirname, '../../../runner/finetunelab_runner.py'))
    file = { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
  }
  return file
}
