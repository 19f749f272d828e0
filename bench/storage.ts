import { fork } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startS3Server } from '#tests/support/s3-server/start-s3-server.ts'
import { startSupabaseDouble } from '#tests/support/supabase/start-supabase-double.ts'
import { serverEnvironment, serverOptions } from '../scripts/node-options.mjs'
import { adapterOf, type BareTool, type LaneOrder, type LaneResult } from './storage-lane.ts'

export interface StorageBenchOptions {
  /** Bytes of the object. */
  sizeBytes?: number
  /** Each lane runs so often; the best counts, since what else the machine does only ever slows. */
  rounds?: number
  /** Where `storage.md` and `storage.json` go; null writes nothing. */
  resultsFolder?: string | null
  /** Whether a missed goal is a failure: not for a run that is too short to tell. */
  judged?: boolean
}

interface Rates {
  adapterMBs: number
  bareMBs: number
  ratio: number
}

interface StoreFigures {
  store: LaneOrder['store']
  server: string
  bareTool: BareTool
  put: Rates
  get: Rates
  peakMB: { adapter: number; bare: number | null }
}

interface SigningFigures {
  store: 's3' | 'local'
  linksPerSecond: number
}

const megabyte = 1e6

/** What has to be reached; a run that misses one ends with a failure. */
const goals = { ratioMin: 0.9, peakMBMax: 150, linksPerSecondMin: 2000 }

/** The first of each does what the adapter does. The second hashes nothing and so does less: its put has no goal. */
const bareTools = {
  s3: ['lib-storage, sha256', 'lib-storage'],
  supabase: ['tus-js-client, sha256', 'tus-js-client'],
  local: ['cp, sha256sum, sync', 'cp, sync'],
} as const satisfies Record<LaneOrder['store'], readonly BareTool[]>

/** What the bare tool reads with. */
const readers = { s3: 'GetObject', supabase: 'fetch', local: 'cat | wc -c' } as const

/** One object through each adapter and through the bare tool on the same server, side by side; and links a second. */
export async function run(options: StorageBenchOptions = {}): Promise<{ goalsMet: boolean }> {
  const { sizeBytes = 1000 * megabyte, rounds = 8, judged = true } = options
  const resultsFolder = options.resultsFolder === undefined ? defaultResults : options.resultsFolder
  const dir = await mkdtemp(join(tmpdir(), 'finetunelab-bench-'))
  const s3 = await startS3Server()
  const supabase = await startSupabaseDouble()
  try {
    const file = join(dir, 'object')
    await writeRandomFile(file, sizeBytes)
    const base = { file, folder: dir, ...accessTo(s3, supabase) }
    const stores: StoreFigures[] = []
    for (const store of ['s3', 'supabase', 'local'] as const) {
      const server = { s3: s3.kind, supabase: 'stand-in', local: 'this disk' }[store]
      for (const figures of await compare({ ...base, store }, server, sizeBytes, rounds)) {
        stores.push(figures)
        console.log(lineOf(figures))
      }
    }
    const signing: SigningFigures[] = []
    for (const store of ['s3', 'local'] as const) {
      signing.push({ store, linksPerSecond: await linksPerSecond({ ...base, store, tool: 'adapter' }) })
      console.log(`signing, ${store}: ${signing.at(-1)!.linksPerSecond} links a second`)
    }
    const missed = missedGoals(stores, signing)
    if (resultsFolder) await writeResults(resultsFolder, { sizeBytes, rounds, stores, signing, missed })
    for (const miss of missed) console.error(`Missed: ${miss}`)
    return { goalsMet: !judged || missed.length === 0 }
  } finally {
    await supabase.close()
    await s3.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** Only what a lane needs: the stand-in itself keeps a growing list of who asked it. */
function accessTo(s3: LaneOrder['s3'], supabase: LaneOrder['supabase']): Pick<LaneOrder, 's3' | 'supabase'> {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = s3
  const { url, serviceRoleKey } = supabase
  return { s3: { endpoint, region, bucket, accessKeyId, secretAccessKey }, supabase: { url, serviceRoleKey } }
}

const defaultResults = fileURLToPath(new URL('./results', import.meta.url))

async function compare(
  base: Omit<LaneOrder, 'tool'>,
  server: string,
  sizeBytes: number,
  rounds: number,
): Promise<StoreFigures[]> {
  const results = new Map<LaneOrder['tool'], LaneResult[]>()
  const tools = [...bareTools[base.store], 'adapter'] as const
  const lanes = new Map<LaneOrder['tool'], Lane>()
  try {
    for (const tool of tools) lanes.set(tool, await startLane({ ...base, tool }))
    for (let round = 0; round < rounds; round++) {
      // By turns, and to and fro, so that what else the machine does falls on all.
      for (const tool of round % 2 === 0 ? tools : tools.toReversed()) {
        results.set(tool, [...(results.get(tool) ?? []), await lanes.get(tool)!.run()])
      }
    }
  } finally {
    for (const lane of lanes.values()) lane.end()
  }
  const rate = (tool: LaneOrder['tool'], field: 'putSeconds' | 'getSeconds') =>
    sizeBytes / megabyte / Math.min(...results.get(tool)!.map((result) => result[field]))
  const rates = (bareTool: BareTool, field: 'putSeconds' | 'getSeconds'): Rates => {
    const [adapter, bare] = [rate('adapter', field), rate(bareTool, field)]
    return {
      adapterMBs: Math.round(adapter),
      bareMBs: Math.round(bare),
      ratio: Number((adapter / bare).toFixed(2)),
    }
  }
  const peak = (tool: LaneOrder['tool']) =>
    Math.round(Math.max(...results.get(tool)!.map(({ peakBytes }) => peakBytes)) / megabyte)
  return bareTools[base.store].map((bareTool) => ({
    store: base.store,
    server,
    bareTool,
    put: rates(bareTool, 'putSeconds'),
    get: rates(bareTool, 'getSeconds'),
    // The memory of a shell command is not in the process that was measured.
    peakMB: { adapter: peak('adapter'), bare: base.store === 'local' ? null : peak(bareTool) },
  }))
}

function missedGoals(stores: readonly StoreFigures[], signing: readonly SigningFigures[]): string[] {
  const slow = stores.flatMap(({ store, bareTool, put, get }) => [
    ...(put.ratio < goals.ratioMin && bareTool === bareTools[store][0]
      ? [`${store} puts at ${put.ratio} of ${bareTool}; ${goals.ratioMin} is wanted`]
      : []),
    ...(get.ratio < goals.ratioMin
      ? [`${store} gets at ${get.ratio} of ${readers[store]}; ${goals.ratioMin} is wanted`]
      : []),
  ])
  const large = stores
    .filter(({ peakMB }) => peakMB.adapter > goals.peakMBMax)
    .map(({ store, peakMB }) => `${store} takes ${peakMB.adapter} MB; ${goals.peakMBMax} are allowed`)
  const few = signing
    .filter(({ linksPerSecond }) => linksPerSecond < goals.linksPerSecondMin)
    .map(
      ({ store, linksPerSecond }) =>
        `${store} signs ${linksPerSecond} links a second; ${goals.linksPerSecondMin} are wanted`,
    )
  return [...new Set([...slow, ...large, ...few])]
}

interface Lane {
  run(): Promise<LaneResult>
  end(): void
}

/** Runs it as our servers run. */
async function startLane(order: LaneOrder): Promise<Lane> {
  const script = fileURLToPath(new URL('./storage-lane.ts', import.meta.url))
  const child = fork(script, [JSON.stringify(order)], {
    execArgv: [...serverOptions, '--expose-gc'],
    env: { ...process.env, ...serverEnvironment },
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The lane of ${order.store} with ${order.tool} ended with ${code}`)
  })
  const answer = async () => (await Promise.race([once(child, 'message'), ended]))[0]
  // Looked at only while an answer is waited for; it ends in the end, too.
  ended.catch(() => {})
  await answer()
  return {
    run() {
      child.send('run')
      return answer()
    },
    end() {
      if (child.connected) child.disconnect()
    },
  }
}

const signingMilliseconds = 2000

async function linksPerSecond(order: LaneOrder): Promise<number> {
  const storage = await adapterOf(order)
  const sign = () => storage.signDownload('user/datasets/dataset.jsonl.gz', { expiresSeconds: 3600 })
  for (let warm = 0; warm < 200; warm++) await sign()
  const started = performance.now()
  let links = 0
  while (performance.now() - started < signingMilliseconds) {
    await sign()
    links++
  }
  return Math.round((links * 1000) / (performance.now() - started))
}

async function writeRandomFile(path: string, sizeBytes: number): Promise<void> {
  await using file = await open(path, 'wx')
  const block = Buffer.allocUnsafe(4 * 1024 * 1024)
  for (let left = sizeBytes; left > 0; left -= block.byteLength) {
    randomFillSync(block)
    await file.write(block, 0, Math.min(left, block.byteLength))
  }
}

function lineOf({ store, bareTool, put, get, peakMB }: StoreFigures): string {
  const side = ({ adapterMBs, bareMBs, ratio }: Rates) => `${adapterMBs} MB/s, bare ${bareMBs} (${ratio})`
  return `${store} against ${bareTool}: put ${side(put)}; get ${side(get)}; peak over idle ${peakMB.adapter} MB, bare ${peakMB.bare}`
}

async function writeResults(
  folder: string,
  results: {
    sizeBytes: number
    rounds: number
    stores: StoreFigures[]
    signing: SigningFigures[]
    missed: string[]
  },
): Promise<void> {
  const { sizeBytes, rounds, stores, signing, missed } = results
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'storage.json'), `${JSON.stringify({ machine, ...results }, null, 2)}\n`)
  const rows = stores.map(({ store, server, bareTool, put, get, peakMB }) => {
    const rates = [put, get].flatMap(({ adapterMBs, bareMBs, ratio }) => [adapterMBs, bareMBs, ratio])
    return [store, server, bareTool, ...rates, peakMB.adapter, peakMB.bare ?? ''].join(' | ')
  })
  const text = `# Storage

One object of ${sizeBytes / megabyte} MB through each adapter and through the bare tool, on the same server, by turns, best of ${rounds}; each in a process that lives through all rounds.
Rates in MB/s; memory is the largest resident size over that of the idle process. The adapter takes a stream of unknown length and hashes what it stores.
${machine.date}, Node ${machine.node}, ${machine.processors} × ${machine.cpu}; servers run on the same machine.

| store | server | bare tool | put | bare put | ratio | get | bare get | ratio | peak MB | bare peak MB |
|---|---|---|---|---|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}

Signing a link, one at a time: ${signing.map(({ store, linksPerSecond }) => `${store} ${linksPerSecond} a second`).join(', ')}.

What the others do: lib-storage sends parts of 8 MiB, four at once; tus-js-client sends chunks of 6 MiB of a file whose length it knows;
with \`sha256\` the same process hashes the file meanwhile, as the adapter hashes what it stores. \`cp, sha256sum, sync\` copies the file,
hashes it and waits for the disk, one after the other, on the same file system; the adapter does so at the same time. The second row of each
hashes nothing and so does less: its put has no goal. A local get is held against \`cat | wc -c\`.

Goals: ${goals.ratioMin} of each rate, at most ${goals.peakMBMax} MB, ${goals.linksPerSecondMin} links a second. ${missed.length === 0 ? 'All were reached.' : `Missed: ${missed.join('; ')}.`}
`
  await writeFile(join(folder, 'storage.md'), text)
}

if (import.meta.main) {
  const size = process.argv.find((word) => word.startsWith('--size='))
  const quick = process.argv.includes('--quick')
  const { goalsMet } = await run({
    ...(size ? { sizeBytes: Number(size.slice(7)) } : {}),
    ...(quick ? { sizeBytes: 64 * megabyte, rounds: 1, resultsFolder: null, judged: false } : {}),
  })
  if (!goalsMet) process.exitCode = 1
}
