import { spawn } from 'node:child_process'

export interface ProcessCost {
  seconds: number
  /** Of all threads, user and system. */
  cpuSeconds: number
}

/*
 * Runs a program to its end. The shell's `times` tells what its children cost, which Node does not; the last line on
 * standard error is "<user> <system>", each as 0m1.234s.
 */
const timed = 'out=$1; shift; "$@" > "$out" || exit; times >&2'

export async function runProcess(command: readonly string[], out = '/dev/null'): Promise<ProcessCost> {
  const start = performance.now()
  const child = spawn('sh', ['-c', timed, 'sh', out, ...command], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000)
  })
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (status !== 0) throw new Error(`${command[0]} ended with ${status}: ${said}`)
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: childSeconds(said) }
}

function childSeconds(said: string): number {
  const last = said.trim().split('\n').at(-1) ?? ''
  const spent = [...last.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  )
  return spent.reduce((sum, seconds) => sum + seconds, 0)
}
