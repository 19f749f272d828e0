import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AnyRowFigures, measureAnyRow } from './ingest/any-row.ts'
import { BenchServer, type Uploaded } from './ingest/bench-server.ts'
import { type CorpusShape, corpusFile } from './ingest/corpus.ts'
import { runDuckdb } from './ingest/duckdb.ts'
import { fileBytes, type LaneFigures } from './ingest/figures.ts'
import { type Goal, goalsOf } from './ingest/goals.ts'
import { markdownOf, writeResults } from './ingest/results.ts'
import { runProcess } from './ingest/run-process.ts'
import type { MemorySample } from './ingest/watch-process.ts'

/*
 * Ingest (check, canonicalise, count, hash, compress, index, report) against `pigz -6`, whose job is only to compress,
 * `jq -c .`, whose job is only to parse and print, and DuckDB's `read_json` to `json.gz`: the same file, the same run,
 * the same number of threads, by turns, the best of each, since what else a machine does only ever slows.
 *
 *   npm run bench -- ingest
 *   node bench/ingest.ts --megabytes=100 --rounds=1 --long=2 --no-results
 */
export interface IngestBenchOptions {
  /** Of text in each corpus. */
  megabytes?: number
  rounds?: number
  /** The long upload is the corpus so many times over. */
  longTimes?: number
  /** Where the results go; null writes nothing. */
  resultsFolder?: string | null
}

export type LaneName = 'ingest' | 'ingest over HTTP' | 'ingest by push' | 'pigz -6' | 'jq -c .' | 'DuckDB'

export interface LaneResult extends LaneFigures {
  corpus: CorpusShape
  lane: LaneName
  /** Of all rounds, in order; `seconds` is the least of them. */
  allSeconds: number[]
  /** Of what is read. */
  bytes: number
}

export interface MemoryTrace {
  bytes: number
  peakOverIdleBytes: number
  samples: MemorySample[]
}

export interface IngestBenchResult {
  date: string
  threads: number
  /** Load average over a minute, before and behind. Beyond what the benchmark asks for, others were at work. */
  load: { before: number; after: number }
  rounds: number
  lanes: LaneResult[]
  memory: MemoryTrace[]
  anyRow: AnyRowFigures
  goals: Goal[]
  goalsMet: boolean
}

const threads = availableParallelism()
const fileLane = fileURLToPath(new URL('./ingest/file-lane.ts', import.meta.url))

export async function run(options: IngestBenchOptions = {}): Promise<IngestBenchResult> {
  const { megabytes = 1000, rounds = 3, longTimes = 10 } = options
  if (!(longTimes > 1))
    throw new Error('The long upload has to be longer than the short one: --long=2 or more')
  const resultsFolder =
    options.resultsFolder === undefined ? join(import.meta.dirname, 'results') : options.resultsFolder
  const folder = await mkdtemp(join(tmpdir(), 'finetunelab-bench-'))
  try {
    const before = loadavg()[0]!
    const lanes = await raceLanes(folder, megabytes, rounds)
    const { memory, anyRow } = await measureLongUpload(megabytes, longTimes)
    const measured = { lanes, memory, anyRow }
    const goals = goalsOf(measured)
    const result: IngestBenchResult = {
      date: new Date().toISOString().slice(0, 10),
      threads,
      load: { before, after: loadavg()[0]! },
      rounds,
      ...measured,
      goals,
      goalsMet: goals.every(({ met }) => met),
    }
    console.log(markdownOf(result))
    if (resultsFolder) await writeResults(resultsFolder, result)
    return result
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Lane {
  corpus: CorpusShape
  lane: LaneName
  measure(file: string): Promise<LaneFigures>
  /** Far from any goal and slow: once is enough. */
  once?: true
}

/** Rivals are neighbours, so that they see the same weather. */
function lanesOf(folder: string): Lane[] {
  const ingest = (corpus: CorpusShape): Lane => ({
    corpus,
    lane: 'ingest',
    measure: (file) => measureFile(file, folder),
  })
  const rival = (lane: LaneName, command: (file: string) => string[], isCompressor = false): Lane => ({
    corpus: 'chatml.jsonl',
    lane,
    measure: (file) => measureProgram(command(file), folder, isCompressor),
  })
  return [
    ingest('chatml.jsonl'),
    rival('pigz -6', (file) => ['pigz', '-6', '-c', '-p', String(threads), file], true),
    {
      corpus: 'chatml.jsonl',
      lane: 'ingest over HTTP',
      measure: (file) => onServer(async (server) => (await server.post(file)).figures),
    },
    {
      corpus: 'chatml.jsonl',
      lane: 'ingest by push',
      measure: (file) => onServer(async (server) => (await server.push(file)).figures),
    },
    ingest('pretty-array.json'),
    ingest('alpaca.jsonl'),
    ingest('table.csv'),
    ingest('chatml.parquet'),
    { ...rival('jq -c .', (file) => ['jq', '-c', '.', file]), once: true },
    { corpus: 'chatml.jsonl', lane: 'DuckDB', measure: (file) => measureDuckdb(file, folder), once: true },
  ]
}

async function raceLanes(folder: string, megabytes: number, rounds: number): Promise<LaneResult[]> {
  const results: LaneResult[] = []
  for (let round = 0; round < rounds; round++) {
    for (const [index, { corpus, lane, measure, once }] of lanesOf(folder).entries()) {
      if (once && round > 0) continue
      const file = await corpusFile(corpus, megabytes)
      const figures = await measure(file)
      const said = `${corpus}, ${lane}: ${figures.seconds.toFixed(2)} s, load ${loadavg()[0]!.toFixed(1)}`
      console.log(`round ${round + 1} of ${rounds}: ${said}`)
      const before = results[index]
      const allSeconds = [...(before?.allSeconds ?? []), figures.seconds]
      const best = before && before.seconds < figures.seconds ? before : figures
      results[index] = { ...best, corpus, lane, allSeconds, bytes: await fileBytes(file) }
    }
  }
  return results
}

async function measureFile(file: string, folder: string): Promise<LaneFigures> {
  const said = join(folder, 'said')
  const store = join(folder, 'store')
  await runProcess([process.execPath, '--expose-gc', fileLane, file, store], said)
  await rm(store, { recursive: true })
  return JSON.parse(await readFile(said, 'utf8'))
}

async function measureProgram(
  command: string[],
  folder: string,
  isCompressor: boolean,
): Promise<LaneFigures> {
  const out = join(folder, 'out')
  const cost = await runProcess(command, out)
  const storedBytes = isCompressor ? await fileBytes(out) : null
  await rm(out)
  return { ...cost, storedBytes, peakOverIdleBytes: null }
}

async function measureDuckdb(file: string, folder: string): Promise<LaneFigures> {
  const out = join(folder, 'out.json.gz')
  const rows = `read_json('${file}', format = 'newline_delimited')`
  const cost = await runDuckdb(`COPY (SELECT * FROM ${rows}) TO '${out}' (FORMAT json, COMPRESSION gzip)`)
  const storedBytes = await fileBytes(out)
  await rm(out)
  return { ...cost, storedBytes, peakOverIdleBytes: null }
}

/** Idle alone differs by some megabytes from start to start, so the short upload is the middle one of so many. */
const shortUploads = 3

/** Memory while a server takes one corpus, and while another takes it ten times over; then any row of the latter. */
async function measureLongUpload(
  megabytes: number,
  longTimes: number,
): Promise<Pick<IngestBenchResult, 'memory' | 'anyRow'>> {
  const file = await corpusFile('chatml.jsonl', megabytes)
  const bytes = await fileBytes(file)
  const traceOf = (times: number, { figures, memory }: Uploaded): MemoryTrace => {
    const peakOverIdleBytes = figures.peakOverIdleBytes!
    const size = ((bytes * times) / 1e9).toFixed(1)
    console.log(`memory: ${size} GB, ${Math.round(peakOverIdleBytes / 1e6)} MB over idle`)
    return { bytes: bytes * times, peakOverIdleBytes, samples: memory }
  }
  const short: MemoryTrace[] = []
  while (short.length < shortUploads) {
    short.push(await onServer(async (server) => traceOf(1, await server.post(file))))
  }
  short.sort((one, other) => one.peakOverIdleBytes - other.peakOverIdleBytes)
  return onServer(async (server) => {
    const uploaded = await server.post(file, longTimes)
    const memory = [short[Math.floor(shortUploads / 2)]!, traceOf(longTimes, uploaded)]
    return { memory, anyRow: await measureAnyRow(server, uploaded) }
  })
}

async function onServer<T>(use: (server: BenchServer) => Promise<T>): Promise<T> {
  const server = await BenchServer.start()
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}

if (import.meta.main) {
  const given = (name: string): number | undefined => {
    const word = process.argv.find((one) => one.startsWith(`--${name}=`))
    return word === undefined ? undefined : Number(word.slice(name.length + 3))
  }
  const { goalsMet } = await run({
    megabytes: given('megabytes'),
    rounds: given('rounds'),
    longTimes: given('long'),
    ...(process.argv.includes('--no-results') ? { resultsFolder: null } : {}),
  })
  process.exitCode = goalsMet ? 0 : 1
}
