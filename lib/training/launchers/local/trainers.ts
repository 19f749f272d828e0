import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Trainer } from '#lib/training/training-config.types.ts'

const run = promisify(execFile)

/** The Python module that each trainer comes as; null for those that need none. */
const moduleOf = {
  smoke: null,
  trl: 'trl',
  axolotl: 'axolotl',
  llamafactory: 'llamafactory',
  command: null,
} as const satisfies Record<Trainer, string | null>

/** Asks the Python which trainers it has, without importing them: that can take a minute. */
export async function findTrainers(python: string) {
  const modules = Object.values(moduleOf).filter((name) => name !== null)
  const script = `import importlib.util as u; print(" ".join(m for m in ${JSON.stringify(modules)} if u.find_spec(m)))`
  let installed: string[] = []
  let pythonFound = true
  try {
    installed = (await run(python, ['-c', script], { timeout: 20_000 })).stdout.trim().split(/\s+/)
  } catch {
    pythonFound = false
  }
  return (Object.keys(moduleOf) as Trainer[]).map((trainer) => {
    const module = moduleOf[trainer]
    if (!pythonFound)
      return { trainer, available: false, reason: `${python} could not be run on this machine` }
    const available = module === null || installed.includes(module)
    return {
      trainer,
      available,
      reason: available ? null : `Not installed on this machine: pip install ${module}`,
    }
  })
}
