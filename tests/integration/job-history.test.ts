import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { z } from 'zod'
import type { jobCourseSchema, jobLogsPageSchema, jobMetricsPageSchema } from '#lib/training/job.types.ts'
import { noticeJob } from '#lib/training/jobs/notice-job.ts'
import { startApp, type TestApp } from '#tests/support/app/start-app.ts'

/** What is read of a long job: pages that stay small, from the right end, each event once. */
let app: TestApp
let userId: string
beforeAll(async () => {
  app = await startApp({ database: inject('postgres').url ? 'postgres' : 'embedded' })
  userId = (await app.services.identity.ensureOwner()).id
})
afterAll(() => app?.close())

async function aJob(): Promise<string> {
  const { id } = await app.services.db.service
    .insertInto('training_jobs')
    .values({
      user_id: userId,
      name: 'long',
      provider: 'local',
      status: 'succeeded',
      config: '{}',
      datasets: '[]',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

const at = '2026-01-01T00:00:00.000Z'
const lineOf = (line: string) => ({ at, stream: 'stdout', level: 'info', line })

async function record(jobId: string, type: 'logs' | 'metrics' | 'status', all: unknown[]): Promise<void> {
  const values = all.map((data) => ({ job_id: jobId, user_id: userId, type, data: JSON.stringify(data) }))
  await app.services.db.service.insertInto('training_job_events').values(values).execute()
}

async function read<Page>(jobId: string, path: string): Promise<Page> {
  const answer = await app.asOwner(`/api/training/jobs/${jobId}/${path}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Page
}
type Logs = z.infer<typeof jobLogsPageSchema>

test('the log is read from its end, and then page by page towards its beginning', async () => {
  const id = await aJob()
  await record(
    id,
    'logs',
    Array.from({ length: 25 }, (_, n) => [lineOf(`line ${n}`)]),
  )
  const seen: string[] = []
  let before = ''
  for (let page = 0; page < 3; page++) {
    const { batches, more } = await read<Logs>(id, `logs?limit=10${before}`)
    expect(more).toBe(page < 2)
    seen.unshift(...batches.flatMap(({ lines }) => lines.map(({ line }) => line)))
    before = `&before=${batches[0]!.id}`
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `line ${n}`))
})

test('a page ends before it is too large to be sent, and is never empty while there is more', async () => {
  const id = await aJob()
  // Random text, which does not compress: each event is about 1 MB.
  const loud = Array.from({ length: 6 }, () =>
    Array.from({ length: 64 }, () => lineOf(randomBytes(8000).toString('hex'))),
  )
  await record(id, 'logs', loud)
  let count = 0
  let pages = 0
  let page = await read<Logs>(id, 'logs?limit=5000')
  for (;;) {
    pages++
    expect(page.batches.length).toBeGreaterThan(0)
    expect(page.batches.length).toBeLessThan(4)
    count += page.batches.length
    if (!page.more) break
    page = await read<Logs>(id, `logs?limit=5000&before=${page.batches[0]!.id}`)
  }
  expect(count).toBe(6)
  expect(pages).toBeGreaterThan(1)
  const text = await (await app.asOwner(`/api/training/jobs/${id}/logs.txt`)).text()
  expect(text.trimEnd().split('\n')).toHaveLength(6 * 64)
})

test('measurements are read from their beginning', async () => {
  const id = await aJob()
  await record(
    id,
    'metrics',
    Array.from({ length: 3 }, (_, n) => [{ step: n + 1, loss: 1 }]),
  )
  const first = await read<z.infer<typeof jobMetricsPageSchema>>(id, 'metrics?limit=2')
  expect(first.batches.map(({ points }) => points[0]!.step)).toEqual([1, 2])
  expect(first.more).toBe(true)
})

test('its course is its states and notices, and nothing of its log', async () => {
  const id = await aJob()
  await record(id, 'status', [{ status: 'queued', error: null }])
  await record(id, 'logs', [[lineOf('not this')]])
  const notice = { level: 'warning', code: 'no_capacity', message: 'No room.' } as const
  await noticeJob(app.services, { id, user_id: userId }, notice)
  const { events } = await read<z.infer<typeof jobCourseSchema>>(id, 'course')
  expect(events.map(({ type, data }) => [type, data])).toEqual([
    ['status', { status: 'queued', error: null }],
    ['notice', { ...notice, at: expect.any(String) }],
  ])
  const stranger = await app.asOwner(`/api/training/jobs/${crypto.randomUUID()}/course`)
  expect(stranger.status).toBe(404)
})
