import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createIngestEngine } from '#lib/ingest/ingest.ts'
import { type CorpusShape, corpusShapes, writeCorpus } from './ingest-corpus.ts'

/*
 * Ingest (check, canonicalise, count, compress, hash, index) against `pigz -6`, whose job is only to compress, and
 * `jq -c .`, whose job is only to parse and print: the same file, the same run, the same number of threads.
 *
 *   node bench/ingest.ts [megabytes]
 */
export interface BenchRow {
  corpus: CorpusShape
  tool: 'ingest' | 'pigz -6' | 'jq -c .'
  megabytes: number
  seconds: number
  megabytesPerSecond: number
  /** Size of what comes out, to that of what goes in; null where nothing is compressed. */
  storedRatio: number | null
  /** Peak of resident memory over that at idle, of this process; null for other programs. */
  peakOverIdleMegabytes: number | null
}

export interface BenchResult {
  name: 'ingest'
  machine: string
  rows: BenchRow[]
  goals: Array<{ goal: string; measured: string; met: boolean }>
  goalsMet: boolean
}

const repetitions = 3
const workers = availableParallelism()
const limits = { rowBytesMax: 64 << 20, inflatedBytesMax: 1e12, inflationRatioMax: 200, depthMax: 100 }

export async function run(options: { megabytes?: number } = {}): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'finetunelab-bench-'))
  try {
    const rows: BenchRow[] = []
    for (const corpus of corpusShapes) {
      const file = join(folder, corpus)
      await writeCorpus(file, corpus, (options.megabytes ?? 300) * 1e6)
      rows.push(...(await compare(corpus, file)))
      await rm(file)
    }
    const goals = goalsOf(rows)
    const machine = `${cpus()[0]?.model ?? 'unknown'}, ${workers} threads, Node ${process.version}`
    return { name: 'ingest', machine, rows, goals, goalsMet: goals.every(({ met }) => met) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** All tools on one file, in turns, the best of each. */
async function compare(corpus: CorpusShape, file: string): Promise<BenchRow[]> {
  const best = new Map<BenchRow['tool'], BenchRow>()
  const keep = (row: BenchRow): void => {
    const before = best.get(row.tool)
    if (before === undefined || row.seconds < before.seconds) best.set(row.tool, row)
  }
  for (let turn = 0; turn < repetitions; turn++) {
    keep(await measureIngest(corpus, file))
    keep(await measureProgram(corpus, file, 'pigz -6', ['pigz', '-6', '-c', '-p', String(workers), file]))
  }
  if (corpus === 'chatml.jsonl') keep(await measureProgram(corpus, file, 'jq -c .', ['jq', '-c', '.', file]))
  return [...best.values()]
}

async function measureIngest(corpus: CorpusShape, file: string): Promise<BenchRow> {
  const out = `${file}.out`
  const idle = process.memoryUsage().rss
  let peak = idle
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss)
  }, 10)
  const engine = createIngestEngine({ workers })
  const start = performance.now()
  const source = createReadStream(file, { highWaterMark: 1 << 18 })
  const ingest = engine.ingest(source, { declaredFormat: 'auto', onError: 'refuse', limits })
  await pipeline(Readable.from(ingest.stream, { objectMode: false }), createWriteStream(out))
  const { storedSizeBytes } = await ingest.result
  const seconds = (performance.now() - start) / 1000
  clearInterval(watch)
  await engine.close()
  await rm(out)
  return rowOf(corpus, 'ingest', (await stat(file)).size, seconds, storedSizeBytes, (peak - idle) / 1e6)
}

async function measureProgram(
  corpus: CorpusShape,
  file: string,
  tool: BenchRow['tool'],
  [command, ...args]: string[],
): Promise<BenchRow> {
  const out = `${file}.out`
  const start = performance.now()
  const program = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await Promise.all([pipeline(program.stdout, createWriteStream(out)), ended(program)])
  const seconds = (performance.now() - start) / 1000
  const storedBytes = tool === 'pigz -6' ? (await stat(out)).size : null
  await rm(out)
  return rowOf(corpus, tool, (await stat(file)).size, seconds, storedBytes, null)
}

const ended = (program: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    program.once('error', reject)
    program.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`exit status ${code}`))))
  })

function rowOf(
  corpus: CorpusShape,
  tool: BenchRow['tool'],
  bytes: number,
  seconds: number,
  storedBytes: number | null,
  peak: number | null,
): BenchRow {
  return {
    corpus,
    tool,
    megabytes: Math.round(bytes / 1e6),
    seconds: rounded(seconds, 2),
    megabytesPerSecond: rounded(bytes / 1e6 / seconds, 1),
    storedRatio: storedBytes === null ? null : rounded(storedBytes / bytes, 4),
    peakOverIdleMegabytes: peak === null ? null : Math.round(peak),
  }
}

function goalsOf(rows: BenchRow[]): BenchResult['goals'] {
  const of = (corpus: CorpusShape, tool: BenchRow['tool']): BenchRow =>
    rows.find((row) => row.corpus === corpus && row.tool === tool)!
  const ingest = of('chatml.jsonl', 'ingest')
  const pigz = of('chatml.jsonl', 'pigz -6')
  const speed = ingest.megabytesPerSecond / pigz.megabytesPerSecond
  const size = ingest.storedRatio! / pigz.storedRatio!
  const array = of('pretty-array.json', 'ingest').megabytesPerSecond / ingest.megabytesPerSecond
  const memory = Math.max(...rows.map((row) => row.peakOverIdleMegabytes ?? 0))
  return [
    { goal: 'at least 2.0 times as fast as pigz -6', measured: `${speed.toFixed(2)}x`, met: speed >= 2 },
    {
      goal: 'stored size at most 3 % larger',
      measured: `${((size - 1) * 100).toFixed(1)} %`,
      met: size <= 1.03,
    },
    { goal: 'a pretty array at 0.7 of the rate or more', measured: array.toFixed(2), met: array >= 0.7 },
    { goal: 'peak memory over idle at most 300 MB', measured: `${memory} MB`, met: memory <= 300 },
  ]
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

function markdown({ machine, rows, goals }: BenchResult): string {
  const table = rows.map((row) => {
    const ratio = row.storedRatio === null ? '' : `${(row.storedRatio * 100).toFixed(2)} %`
    const peak = row.peakOverIdleMegabytes ?? ''
    return `| ${row.corpus} | ${row.tool} | ${row.megabytes} | ${row.seconds} | ${row.megabytesPerSecond} | ${ratio} | ${peak} |`
  })
  const met = goals.map(({ goal, measured, met }) => `| ${goal} | ${measured} | ${met ? 'yes' : 'no'} |`)
  return [
    '# Ingest',
    '',
    machine,
    '',
    '| corpus | tool | MB in | s | MB/s | stored | peak over idle, MB |',
    '|---|---|--:|--:|--:|--:|--:|',
    ...table,
    '',
    '| goal | measured | met |',
    '|---|--:|---|',
    ...met,
    '',
  ].join('\n')
}

if (import.meta.main) {
  const result = await run({ megabytes: Number(process.argv[2] ?? 300) })
  const results = join(import.meta.dirname, 'results')
  await mkdir(results, { recursive: true })
  await writeFile(join(results, 'ingest.json'), `${JSON.stringify(result, null, 2)}\n`)
  await writeFile(join(results, 'ingest.md'), markdown(result))
  console.log(markdown(result))
  process.exitCode = result.goalsMet ? 0 : 1
}
