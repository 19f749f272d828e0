import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Database } from '#lib/db/database.ts'
import { openPostgresDatabase } from '#lib/db/postgres-database.ts'
import { seedCourse } from '#tests/support/app/seed-course.ts'
import { spawnApp } from '#tests/support/app/spawn-app.ts'
import { ownerToken } from '#tests/support/app/start-app.ts'
import { createDatabase, startPostgres } from '#tests/support/postgres/start-postgres.ts'
import { measureDatasetList } from './control/dataset-list.ts'
import { type FleetResult, runFleet } from './control/fleet.ts'
import { below, exactly, type Goal } from './control/goal.ts'
import { measureJobPage } from './control/job-page.ts'
import { measureLaunches, startSurroundings } from './control/launches.ts'
import { openPages } from './control/pages.ts'
import { percentile } from './control/percentiles.ts'
import { seedDatasets, seedJobs } from './control/seed.ts'
import { writeControlResults } from './control/write-results.ts'

/*
 * The control plane with much to do: one web process and one PostgreSQL that syncs what it commits, a thousand machines
 * that report, two hundred people who watch, a million datasets. The machines, the people and the provider are this
 * process, on the same processors.
 *
 *   npm run bench -- control
 */
export interface ControlOptions {
  jobs?: number
  pages?: number
  seconds?: number
  datasets?: number
  launches?: number
  points?: number
  lines?: number
  resultsFolder?: string | null
}

const everyMilliseconds = 2000
const users = 1000

export async function run(options: ControlOptions = {}): Promise<{ goalsMet: boolean }> {
  const size = {
    jobs: 1000,
    pages: 200,
    seconds: 30,
    datasets: 1_000_000,
    launches: 25,
    points: 100_000,
    lines: 1_000_000,
    ...options,
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-control-'))
  const undo: (() => unknown)[] = [() => rm(dataDir, { recursive: true, force: true })]
  try {
    const postgres = await startPostgres({ durable: true })
    undo.push(() => postgres.close())
    const databaseUrl = await createDatabase(postgres.url)
    const surroundings = await startSurroundings()
    undo.push(() => surroundings.close())
    const app = await spawnApp({
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
      OWNER_TOKEN: ownerToken,
      APP_BASE_URL: 'http://127.0.0.1:9',
      ...surroundings.settings,
    })
    undo.push(() => app.kill('SIGTERM'))
    const db = openPostgresDatabase(databaseUrl, () => {}, 4)
    undo.push(() => db.close())
    const owner = await ownerOf(app.url)
    const api = { baseUrl: app.url, token: ownerToken }

    say('launches')
    const launches = await measureLaunches(
      surroundings.runpod,
      { url: app.url, token: ownerToken },
      size.launches,
    )
    say('the fleet')
    const jobs = await seedJobs(db, owner, size.jobs)
    await runFleet({ url: app.url, jobs, everyMilliseconds, seconds: 4 })
    await forget(db)
    const pages = await openPages(
      app.url,
      ownerToken,
      jobs.slice(0, size.pages).map(({ id }) => id),
    )
    const fleet = await runFleet({ url: app.url, jobs, everyMilliseconds, seconds: size.seconds })
    const missingOnPages = await pages.settled(fleet.accepted, 10_000)
    const received = pages.received()
    pages.close()
    const written = await countEvents(db)
    const memoryMiB = await peakMiB(app.pid)

    say('a long course')
    const long = { id: jobs[0]!.id, owner }
    await seedCourse(db, long, size)
    const page = await measureJobPage(api, long.id)
    say('datasets')
    const owners = await seedDatasets(db, users, size.datasets)
    const list = await measureDatasetList(db, owners, 2000)

    const goals: Goal[] = [
      below('a report, from its beat to its answer', percentile(fleet.latencies, 0.99), 100, 'p99'),
      exactly('reports that were answered with 200', fleet.latencies.length, fleet.sent),
      exactly('metric events in the database', written.metrics, fleet.sent),
      exactly('log events in the database', written.logs, fleet.sent),
      exactly(`events that one of the ${size.pages} open pages lacks`, missingOnPages, 0),
      below('the dataset list, in the database', percentile(list.milliseconds, 0.99), 20, 'p99'),
      exactly('tables that the dataset list reads whole', list.scanned.length, 0),
      below('from "launch" to the provider’s request', percentile(launches.milliseconds, 0.5), 300, 'median'),
      exactly(
        'points of a long course on its page',
        page.points,
        size.points + (fleet.accepted.get(long.id) ?? 0),
      ),
      below('a page of a log of a million lines', percentile(page.logPageMs, 0.99), 250, 'p99'),
      below('the job list beside such a course', percentile(page.jobListMs, 0.99), 250, 'p99'),
    ]
    for (const { what, wanted, measured, isMet } of goals)
      console.log(`${isMet ? 'met   ' : 'MISSED'} ${what}: ${measured} (${wanted})`)
    const figures = {
      size,
      fleet: fleetFigures(fleet),
      received,
      memoryMiB,
      list: listFigures(list),
      launches,
      page,
    }
    if (options.resultsFolder !== null)
      await writeControlResults(options.resultsFolder ?? join(import.meta.dirname, 'results'), goals, figures)
    return { goalsMet: goals.every(({ isMet }) => isMet) }
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

const say = (what: string) => console.log(`   ${what} ...`)

async function ownerOf(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/session`, { headers: { authorization: `Bearer ${ownerToken}` } })
  return ((await answer.json()) as { user: { id: string } }).user.id
}

/** What the warm-up left. */
async function forget(db: Database): Promise<void> {
  await sql`truncate training_job_events`.execute(db.service)
  await sql`update training_jobs set last_report_seq = 0, metrics = null, progress = null, loss_preview = null`.execute(
    db.service,
  )
  await sql`vacuum analyze training_jobs`.execute(db.service)
}

async function countEvents(db: Database): Promise<{ metrics: number; logs: number }> {
  const { rows } = await sql<{ metrics: number; logs: number }>`
    select count(*) filter (where type = 'metrics')::int as metrics, count(*) filter (where type = 'logs')::int as logs
    from training_job_events`.execute(db.service)
  return rows[0]!
}

const fleetFigures = ({ latencies, sent, refused, seconds }: FleetResult) => ({
  seconds,
  sent,
  perSecond: Math.round(sent / seconds),
  p50: percentile(latencies, 0.5),
  p90: percentile(latencies, 0.9),
  p99: percentile(latencies, 0.99),
  max: percentile(latencies, 1),
  refused: [...new Set(refused)],
})

const listFigures = ({ milliseconds, plan }: Awaited<ReturnType<typeof measureDatasetList>>) => ({
  calls: milliseconds.length,
  p50: percentile(milliseconds, 0.5),
  p99: percentile(milliseconds, 0.99),
  max: percentile(milliseconds, 1),
  plan,
})

/** The most memory that a process ever had. */
async function peakMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

if (import.meta.main) {
  const { goalsMet } = await run()
  process.exitCode = goalsMet ? 0 : 1
}
