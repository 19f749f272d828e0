import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { followJobEvents } from '#lib/client/job-events.ts'
import { openPostgresDatabase } from '#lib/db/postgres-database.ts'
import type { Job, JobEvent } from '#lib/training/job.types.ts'
import { stampOf } from '#lib/training/launchers/stamp.ts'
import { ownerToken } from '../support/app/start-app.ts'
import { expectNoLeaks, type LabClient, labClient, quickSettings } from '../support/app/start-lab.ts'
import { type ManyProcesses, startMany } from '../support/app/start-many.ts'
import { trainLocally } from '../support/app/train-locally.ts'
import type { RentedProvider } from '../support/providers/rented/rented-provider.ts'
import { rentRunPod } from '../support/providers/rented/rented-runpod.ts'
import { startSupabaseDouble } from '../support/supabase/start-supabase-double.ts'

/** The duties of a process that died are taken over after some 20 s of silence. */
const soon = { timeout: 80_000, interval: 50 }
const { missing } = inject('postgres')

/**
 * Two web processes and two workers on one PostgreSQL, all of them real, and a balancer in front. Each of them is killed
 * once, while a machine reports and two pages watch it.
 */
describe.skipIf(missing)(`two web processes and two workers${missing ? ` (${missing})` : ''}`, () => {
  let many: ManyProcesses
  let runpod: RentedProvider
  let supabase: Awaited<ReturnType<typeof startSupabaseDouble>>
  let lab: LabClient

  beforeAll(async () => {
    supabase = await startSupabaseDouble()
    runpod = await rentRunPod()
    many = await startMany({
      SUPABASE_URL: supabase.url,
      SUPABASE_ANON_KEY: supabase.anonKey,
      SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
      ...quickSettings,
      ...runpod.settings,
    })
    lab = await labClient(runpod, { baseUrl: many.url, token: ownerToken })
  })
  afterAll(async () => {
    await many?.close()
    await runpod?.close()
    await supabase?.close()
  })

  const jobAt = async (web: number, id: string) =>
    (await (await many.asOwner(`/api/training/jobs/${id}`, {}, web)).json()) as Job

  test('what comes in at one is there at the other', async () => {
    const form = new FormData()
    const rows = Array.from({ length: 50 }, (_, index) => JSON.stringify({ text: `row ${index}` }))
    form.set('file', new Blob([rows.join('\n')]), 'rows.jsonl')
    form.set('name', 'Shared rows')
    form.set('storage_provider', 'local')
    const sent = await many.asOwner('/api/training/dataset', { method: 'POST', body: form }, 0)
    const { dataset } = (await sent.json()) as { dataset: { id: string } }
    const read = await many.asOwner(`/api/training/dataset/${dataset.id}/rows?offset=49&limit=1`, {}, 1)
    expect(await read.json()).toMatchObject({ total: 50, rows: [{ text: 'row 49' }] })
  })

  test('a training on this machine that is launched at one is followed live at the other', async () => {
    const id = await trainLocally((path, init) => many.asOwner(path, init, 0))
    const api = { baseUrl: many.webs[1]!.url, token: ownerToken }
    const seen: JobEvent[] = []
    const signal = AbortSignal.timeout(soon.timeout)
    for await (const event of followJobEvents(api, id, { signal })) seen.push(event)
    expect(seen.at(-1)).toMatchObject({ type: 'status', data: { status: 'succeeded' } })
    expect(seen.flatMap((event) => (event.type === 'metrics' ? event.data : [])).length).toBeGreaterThan(3)
    expect((await jobAt(0, id)).status).toBe('succeeded')
  })

  test('any of them can be lost, and nothing is', async () => {
    const id = await lab.launch()
    await expect.poll(() => runpod.machines(), soon).toHaveLength(1)
    await expect.poll(async () => (await jobAt(0, id)).status, soon).toBe('starting')
    const machine = runnerThatStays(runpod)
    const stop = new AbortController()
    const pages = [0, 1].map((web) => watch(many, id, web, stop.signal))

    const launched = []
    for (const number of [0, 1]) {
      await expect.poll(() => machine.steps(), soon).toBeGreaterThan(number * 20 + 10)
      const other = await lab.launch()
      // Whoever has the launch, the duties and the pages: half of them are gone now.
      await many.kill(number)
      const orphan = runpod.putUp(stampOf(await deploymentId(many), crypto.randomUUID()))
      const left = 1 - number
      await expect.poll(async () => (await jobAt(left, other)).status, soon).toBe('starting')
      await expect.poll(() => runpod.machines().map(({ ref }) => ref), soon).not.toContain(orphan)
      await many.restart(number)
      launched.push(other)
    }
    const steps = await machine.finish()
    await expect.poll(async () => (await jobAt(0, id)).status, soon).toBe('succeeded')
    const recorded = Array.from({ length: steps }, (_, index) => index + 1)
    const written = await eventsOf(many, id)
    expect(stepsOf(written)).toEqual(recorded)
    for (const page of pages) {
      const events = await page
      expect(stepsOf(events)).toEqual(recorded)
      expect(events.at(-1)).toMatchObject({ type: 'status', data: { status: 'succeeded' } })
      // Everything up to the end, in order, each once.
      expect(events.map((event) => event.id)).toEqual(
        written.slice(0, events.length).map((event) => event.id),
      )
    }
    // Three trainings, three machines and our two orphans, whoever died in between; what has ended is given back.
    expect(launched.map((one) => stampedFor(runpod, one))).toEqual([1, 1])
    await expect.poll(() => stampedFor(runpod, id), soon).toBe(0)
    expect(runpod.created()).toBe(5)
    expectNoLeaks([runpod], [ownerToken, supabase.serviceRoleKey])
    stop.abort()
  }, 240_000)
})

const stepsOf = (events: JobEvent[]) =>
  events.flatMap((event) => (event.type === 'metrics' ? event.data.map(({ step }) => step) : []))

/** A page: it asks one web process first, and comes back to whichever answers, with the last event that it saw. */
async function watch(many: ManyProcesses, id: string, web: number, signal: AbortSignal): Promise<JobEvent[]> {
  const first = many.webs[web]!.url
  let isFirst = true
  const fetchThere: typeof fetch = (url, init) => {
    const target = isFirst ? String(url).replace(many.url, first) : url
    isFirst = false
    return fetch(target as string, init)
  }
  const events: JobEvent[] = []
  const api = { baseUrl: many.url, token: ownerToken, fetch: fetchThere }
  for await (const event of followJobEvents(api, id, { signal })) events.push(event)
  return events
}

/** A runner that sends one step after another, each until it is answered, as the real one does. */
function runnerThatStays(runpod: RentedProvider) {
  const { environment } = runpod.machines()[0]!
  const { FINETUNELAB_URL: url, JOB_ID: id, JOB_TOKEN: token } = environment
  let step = 0
  let isOver = false
  const say = async (report: object) => {
    for (;;) {
      const answer = await fetch(`${url}/api/training/jobs/${id}/report`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(report),
      }).catch(() => null)
      if (answer?.ok) return
      if (answer && answer.status < 500) throw new Error(`A report was answered ${answer.status}`)
      await wait(50)
    }
  }
  const run = (async () => {
    while (!isOver) {
      step += 1
      await say({ seq: step, status: 'running', metrics: { step, loss: 1 / step } })
      await wait(50)
    }
    await say({ seq: step + 1, status: 'succeeded' })
  })()
  return {
    steps: () => step,
    async finish() {
      isOver = true
      await run
      return step
    },
  }
}

async function eventsOf(many: ManyProcesses, id: string): Promise<JobEvent[]> {
  const db = openPostgresDatabase(many.databaseUrl, () => {}, 1)
  try {
    const rows = await db.service
      .selectFrom('training_job_events')
      .select(['id', 'type', 'data'])
      .where('job_id', '=', id)
      .orderBy('id')
      .execute()
    return rows as JobEvent[]
  } finally {
    await db.close()
  }
}

async function deploymentId(many: ManyProcesses): Promise<string> {
  const db = openPostgresDatabase(many.databaseUrl, () => {}, 1)
  try {
    return (await db.service.selectFrom('app_deployment').select('id').executeTakeFirstOrThrow()).id
  } finally {
    await db.close()
  }
}

const stampedFor = (runpod: RentedProvider, jobId: string) =>
  runpod.machines().filter(({ environment }) => environment.JOB_ID === jobId).length
