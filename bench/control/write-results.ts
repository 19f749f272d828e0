import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import type { Goal } from './goal.ts'
import type { PageFigures } from './job-page.ts'
import type { LaunchFigures } from './launches.ts'
import { milliseconds, percentile } from './percentiles.ts'

interface ControlFigures {
  size: { jobs: number; pages: number; datasets: number; points: number; lines: number }
  fleet: {
    seconds: number
    sent: number
    perSecond: number
    p50: number
    p90: number
    p99: number
    max: number
    refused: string[]
  }
  /** Metric events that reached the open pages. */
  received: number
  /** Of the web process, at the end of the fleet. */
  memoryMiB: number
  list: { calls: number; p50: number; p99: number; max: number; plan: string[] }
  launches: LaunchFigures
  page: PageFigures
}

/** On a machine that does other work, a measurement may be given its processors first: `chrt -r 1 npm run bench -- control`. */
function precedence(): string {
  if (process.platform !== 'linux') return ''
  // Counted from behind the name, which may hold anything: field 41 of proc(5).
  const policy = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[38]
  const isFirst = policy === '1' || policy === '2'
  return isFirst ? ', of other work that had to let this go first' : ''
}

export async function writeControlResults(
  folder: string,
  goals: readonly Goal[],
  figures: ControlFigures,
): Promise<void> {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
  const date = new Date().toISOString().slice(0, 10)
  const load = loadavg()[0]!.toFixed(1)
  const { size, fleet, received, memoryMiB, list, launches, page } = figures
  const count = (value: number) => value.toLocaleString('en-US')
  const text = `# The control plane with much to do

One web process (the endpoint table, without the pages), one PostgreSQL with its own defaults (every commit is synced), and the load (machines, pages, provider) in a third
process, all on the same ${availableParallelism()} processors. ${date}, ${machine}; load average at the end ${load}${precedence()}.

| what | wanted | measured | |
|---|---|---|---|
${goals.map(({ what, wanted, measured, isMet }) => `| ${what} | ${wanted} | ${measured} | ${isMet ? 'met' : '**missed**'} |`).join('\n')}

**Reports.** ${count(size.jobs)} jobs, each every 2 s on a beat of its own for ${fleet.seconds} s, with one point and two lines of log:
${count(fleet.sent)} reports, ${fleet.perSecond} a second. Time is counted from the beat, so that a server which falls behind is not spared.
p50 ${milliseconds(fleet.p50)}, p90 ${milliseconds(fleet.p90)}, p99 ${milliseconds(fleet.p99)}, most ${milliseconds(fleet.max)}. ${size.pages} live pages were
open and received ${count(received)} metric events; the web process never had more than ${memoryMiB} MiB.

**The dataset list.** ${count(size.datasets)} datasets of 1,000 users, mixed; ${count(list.calls)} calls for users by chance, first and second
pages, as role \`authenticated\` with row-level security, with the counts by store. p50 ${milliseconds(list.p50)}, p99 ${milliseconds(list.p99)}, most ${milliseconds(list.max)}.

\`\`\`
${list.plan.join('\n')}
\`\`\`

**Launches.** ${launches.milliseconds.length} on RunPod's double, one after the other: median ${milliseconds(percentile(launches.milliseconds, 0.5))}, p90 ${milliseconds(percentile(launches.milliseconds, 0.9))}.

**The page of a long course.** ${count(size.points)} points in as many reports, ${count(size.lines)} lines of log. All points in ${page.metricRequests} requests:
${milliseconds(page.allPointsMs)}. A page of the log (${count(page.linesInAPage)} lines), wherever it lies: p50 ${milliseconds(percentile(page.logPageMs, 0.5))}, p99 ${milliseconds(percentile(page.logPageMs, 0.99))}. The job list with
that job in it: p50 ${milliseconds(percentile(page.jobListMs, 0.5))}.
`
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'control.md'), text)
  const json = { date, machine, load, goals, ...figures }
  await writeFile(join(folder, 'control.json'), `${JSON.stringify(json, null, 2)}\n`)
}
