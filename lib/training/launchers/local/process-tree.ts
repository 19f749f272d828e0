import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** A process and all that descend from it, by /proc; on systems without it only the process itself. */
function processTree(root: number): number[] {
  const children = new Map<number, number[]>()
  let names: string[]
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return [root]
  }
  for (const name of names) {
    const parent = parentOf(name)
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null // it ended between the two reads
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

/**
 * Asks the root to end, gives it `graceSeconds` to save and to end its children, then ends whatever is left of the
 * tree, and resolves when none of it is alive.
 */
export async function endProcessTree(root: number, graceSeconds: number): Promise<void> {
  const tree = new Set(processTree(root))
  send(root, 'SIGTERM')
  const deadline = Date.now() + graceSeconds * 1000
  while (send(root, 0) && Date.now() < deadline) {
    for (const pid of processTree(root)) tree.add(pid)
    await wait(100)
  }
  while ([...tree].some((pid) => send(pid, 'SIGKILL'))) await wait(50)
}
