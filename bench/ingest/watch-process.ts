import { readFile } from 'node:fs/promises'

export interface MemorySample {
  seconds: number
  bytesOverIdle: number
}

export interface ProcessWatch {
  stop(): Promise<{ samples: MemorySample[]; cpuSeconds: number }>
}

const intervalMilliseconds = 50
/** A process is idle when its memory stays within a megabyte for so long; one that never is, is taken as it is. */
const settledMilliseconds = 2000
const patienceMilliseconds = 30_000
/** Of /proc (proc(5)): sizes of statm are pages, times of stat are clock ticks. */
const pageBytes = 4096
const ticksASecond = 100

/** Samples another process's resident memory and counts its processor time, on Linux. It has to be idle now. */
export async function watchProcess(pid: number): Promise<ProcessWatch> {
  const idleBytes = await settledBytes(pid)
  const start = performance.now()
  const cpuBefore = await cpuSeconds(pid)
  const samples: MemorySample[] = []
  let stopped = false
  const sampling = (async () => {
    while (!stopped) {
      const bytesOverIdle = (await residentBytes(pid)) - idleBytes
      samples.push({ seconds: (performance.now() - start) / 1000, bytesOverIdle })
      await new Promise((resolve) => setTimeout(resolve, intervalMilliseconds))
    }
  })()
  return {
    async stop() {
      stopped = true
      await sampling
      return { samples, cpuSeconds: (await cpuSeconds(pid)) - cpuBefore }
    },
  }
}

async function settledBytes(pid: number): Promise<number> {
  const deadline = performance.now() + patienceMilliseconds
  let bytes = await residentBytes(pid)
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, settledMilliseconds))
    const now = await residentBytes(pid)
    if (Math.abs(now - bytes) < 1e6 || performance.now() > deadline) return now
    bytes = now
  }
}

async function residentBytes(pid: number): Promise<number> {
  const [, resident] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')
  return Number(resident) * pageBytes
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in parentheses, may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksASecond
}
