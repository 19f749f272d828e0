import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { listJobLogs, listJobMetrics } from '#lib/client/job-history.ts'
import { listJobs } from '#lib/client/jobs.ts'
import { addRunningJob, type RunningJob } from '../support/app/running-job.ts'
import { seedCourse } from '../support/app/seed-course.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'

const points = 100_000
const lines = 1_000_000
const logEventsPerPage = 200
const { missing } = inject('postgres')

/** Asked for as the job page asks: components/jobs/feed/server-job-source.ts. */
describe.skipIf(missing)(
  `a job of ${points} points and ${lines} lines${missing ? ` (${missing})` : ''}`,
  () => {
    let app: TestApp
    let api: ApiConnection
    let owner: string
    let job: RunningJob

    beforeAll(async () => {
      app = await startApp({ database: 'postgres' })
      api = { baseUrl: app.url, token: app.ownerToken }
      owner = (await app.services.identity.ensureOwner()).id
      job = await addRunningJob(app.services.db, { owner })
      await seedCourse(app.services.db, { id: job.id, owner }, { points, lines })
    })
    afterAll(() => app?.close())

    test('gives all its points, each once and in order, in few requests', async () => {
      const steps: number[] = []
      let requests = 0
      for (let after = 0; ; requests++) {
        const { batches, more } = await listJobMetrics(api, job.id, after)
        for (const { id, points } of batches) {
          expect(id).toBeGreaterThan(after)
          after = id
          for (const { step } of points) steps.push(step)
        }
        if (!more) break
      }
      expect(steps).toEqual(Array.from({ length: points }, (_, index) => index + 1))
      expect(requests).toBeLessThan(50)
    })

    test('shows the end of its log first, and everything before it page by page', async () => {
      let next = lines
      let before: number | undefined
      for (let page = 0; page < 3; page++) {
        const { batches, more } = await listJobLogs(api, job.id, { before, limit: logEventsPerPage })
        expect(batches.length).toBeGreaterThan(50)
        expect(more).toBe(true)
        for (const { line } of batches.flatMap((batch) => batch.lines).reverse()) {
          expect(line).toMatch(new RegExp(`^line ${next} of`))
          next -= 1
        }
        before = batches[0]!.id
      }
      // And its beginning, from wherever somebody is.
      const first = await app.asOwner(`/api/training/jobs/${job.id}/logs?after=0&limit=1`)
      const { batches } = (await first.json()) as { batches: { lines: { line: string }[] }[] }
      expect(batches[0]?.lines[0]?.line).toMatch(/^line 1 of/)
    })

    test('sends a page that knows its history nothing but what is new', async () => {
      const last = (await listJobLogs(api, job.id, { limit: 1 })).batches[0]
      const stop = new AbortController()
      const stream = await app.asOwner(`/api/training/jobs/${job.id}/events?after=${last!.id}`, {
        signal: stop.signal,
      })
      const report = await fetch(`${app.url}/api/training/jobs/${job.id}/report`, {
        method: 'POST',
        headers: { authorization: `Bearer ${job.token}` },
        body: JSON.stringify({ seq: 1, metrics: { step: points + 1, loss: 0.5 } }),
      })
      expect(report.status).toBe(200)
      let text = ''
      for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk
        if (text.includes(`"step": ${points + 1}`) || text.includes(`"step":${points + 1}`)) break
      }
      stop.abort()
      expect(text.match(/^event: /gm)).toHaveLength(1)
    })

    test('has a place in the list of jobs without its history being read', async () => {
      const reported = await addRunningJob(app.services.db, { owner })
      for (let seq = 1; seq <= 5; seq++) {
        const metrics = Array.from({ length: 200 }, (_, index) => {
          const step = (seq - 1) * 200 + index
          return { step, loss: 1000 - step }
        })
        const answer = await fetch(`${app.url}/api/training/jobs/${reported.id}/report`, {
          method: 'POST',
          headers: { authorization: `Bearer ${reported.token}` },
          body: JSON.stringify({
            seq,
            metrics,
            logs: [{ at: new Date().toISOString(), stream: 'stdout', line: 'a\u0000b' }],
          }),
        })
        expect(answer.status).toBe(200)
      }
      const { jobs } = await listJobs(api)
      const preview = jobs.find(({ id }) => id === reported.id)!.loss_preview
      expect(preview.length).toBeGreaterThan(30)
      expect(preview.length).toBeLessThanOrEqual(80)
      expect(preview[0]).toBe(1000)
      expect(preview).toEqual(preview.toSorted((a, b) => b - a))
      // What programs print and databases refuse does not lose a report.
      const batch = (await listJobLogs(api, reported.id, { limit: 1 })).batches[0]
      expect(batch?.lines[0]?.line).toBe('a\ufffdb')
    })
  },
)
