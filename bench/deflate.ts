import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { deflateRaw } from '#lib/ingest/deflate/deflate.ts'
import { corpusFile } from './ingest/corpus.ts'
import { rounded } from './ingest/figures.ts'

/*
 * What a member could be compressed with, on one thread: each takes the same block, by turns, and the least processor
 * time that each block took counts, so that the figures hold on a busy machine.
 *
 *   npm run bench -- deflate
 */
export interface DeflateBenchOptions {
  rounds?: number
  /** Where `deflate.md` goes; null writes nothing. */
  resultsFolder?: string | null
}

const corpusMegabytes = 50
const blockBytes = 4 << 20

const contenders: Record<string, (block: Uint8Array) => number> = {
  'zlib, level 6': (block) => zlib(block, 6),
  'zlib, level 5': (block) => zlib(block, 5),
  'zlib, level 4': (block) => zlib(block, 4),
  'zlib, level 3': (block) => zlib(block, 3),
  'lib/ingest/deflate': (block) => deflateRaw(block).length,
}

const zlib = (block: Uint8Array, level: number): number =>
  deflateRawSync(block, { level, memLevel: level === 6 ? 8 : 9, chunkSize: 1 << 21 }).length

export async function run(options: DeflateBenchOptions = {}): Promise<undefined> {
  const { rounds = 3 } = options
  const resultsFolder =
    options.resultsFolder === undefined ? join(import.meta.dirname, 'results') : options.resultsFolder
  const text = readFileSync(await corpusFile('chatml.jsonl', corpusMegabytes))
  const blocks: Uint8Array[] = []
  for (let at = 0; at + blockBytes <= text.length; at += blockBytes)
    blocks.push(text.subarray(at, at + blockBytes))
  const table = markdownOf(race(blocks, rounds))
  console.log(table)
  if (resultsFolder) {
    await mkdir(resultsFolder, { recursive: true })
    await writeFile(join(resultsFolder, 'deflate.md'), table)
  }
  return undefined
}

interface Figures {
  name: string
  megabytesPerSecond: number
  bytesOut: number
}

function race(blocks: Uint8Array[], rounds: number): Figures[] {
  const least = new Map<string, number[]>()
  const out = new Map<string, number>()
  // The first block twice over warms the compilers up.
  for (const [round, block] of [blocks[0]!, ...Array(rounds).fill(blocks).flat()].entries()) {
    const at = (round + blocks.length - 1) % blocks.length
    for (const [name, deflate] of Object.entries(contenders)) {
      const before = process.cpuUsage()
      const bytes = deflate(block)
      const { user, system } = process.cpuUsage(before)
      if (round === 0) continue
      const times = least.get(name) ?? []
      least.set(name, times)
      times[at] = Math.min(times[at] ?? Number.POSITIVE_INFINITY, (user + system) / 1e6)
      if (round <= blocks.length) out.set(name, (out.get(name) ?? 0) + bytes)
    }
  }
  const megabytes = (blocks.length * blockBytes) / 1e6
  return Object.keys(contenders).map((name) => ({
    name,
    megabytesPerSecond: megabytes / least.get(name)!.reduce((sum, seconds) => sum + seconds, 0),
    bytesOut: out.get(name)!,
  }))
}

function markdownOf(figures: Figures[]): string {
  const [reference] = figures
  const rows = figures.map(({ name, megabytesPerSecond, bytesOut }) => {
    const times = rounded(megabytesPerSecond / reference!.megabytesPerSecond, 2)
    const larger = rounded((bytesOut / reference!.bytesOut - 1) * 100, 2)
    return `| ${name} | ${megabytesPerSecond.toFixed(0)} | ${times.toFixed(2)} | ${larger.toFixed(2)} % |`
  })
  return `# Deflate

Blocks of 4 MiB of the ingest benchmark's chat rows, on one thread, by turns; processor time. Levels 3 to 5 have the largest hash
memory, level 6 the usual one. ${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.version}.

| compressor | MB/s | times level 6 | larger than level 6 |
|---|--:|--:|--:|
${rows.join('\n')}
`
}

if (import.meta.main) await run()
