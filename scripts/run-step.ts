import { spawn } from 'node:child_process'
import { dirname } from 'node:path'

/** Runs one command with this process's Node first on PATH and resolves to its exit status. */
export function runStep(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: { ...process.env, ...env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })
}

/** Runs a package's command through the pinned Node, whatever its shebang would find. */
export function runPackage(
  path: string,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<number> {
  return runStep(process.execPath, [`node_modules/${path}`, ...args], env)
}
