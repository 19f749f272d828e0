import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { conflict } from '#lib/errors/app-error.ts'

interface Holder {
  pid: number
  host: string
  /** Tells a process from a later one with the same number; null where the system does not say. */
  startedAt: string | null
}

/**
 * Takes `DATA_DIR` for this process or says who holds it: two processes can open one embedded database at once, and
 * ruin it. A lock whose holder is dead is taken over. Answers the function that gives it back.
 */
export function lockDataDir(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'lock.json')
  const self: Holder = { pid: process.pid, host: hostname(), startedAt: processStart(process.pid) }
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(self), { flag: 'wx', mode: 0o600 })
      return () => rmSync(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 1) throw error
    }
    const holder = readHolder(path)
    if (holder && isAlive(holder)) {
      throw conflict(
        'data_dir_in_use',
        'DATA_DIR is in use',
        `Process ${holder.pid} on ${holder.host} holds ${folder}. Stop it, or set DATA_DIR to another folder.`,
      )
    }
    rmSync(path, { force: true })
  }
}

function readHolder(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    return null
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true // nothing can be known of another machine's process
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return holder.startedAt === processStart(holder.pid)
}

/** Start time in clock ticks since boot, from field 22 of /proc/<pid>/stat (proc(5)). */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
