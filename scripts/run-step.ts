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

/** The same beside another step: what it says is printed when it has ended. */
export async function runAside(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
  console.log(`\n${[command, ...args].join(' ')}\n${Buffer.concat(said)}`)
  return status
}

/** Runs a package's command through the pinned Node, whatever its shebang would find. */
export function runPackage(
  path: string,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<number> {
  return runStep(process.execPath, [`node_modules/${path}`, ...args], env)
}
