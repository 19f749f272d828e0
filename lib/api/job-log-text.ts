import { Readable } from 'node:stream'
import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { Job, LogLine } from '#lib/training/job.types.ts'
import { readJobHistory } from '#lib/training/jobs/read-job-history.ts'

const batch = 500

/** The whole log of a job as text, read and sent batch by batch. */
export function jobLogText(services: Services, user: User, job: Job): Response {
  async function* lines() {
    let after = 0
    for (;;) {
      const { events, more } = await readJobHistory(services, user, job.id, {
        types: ['logs'],
        after,
        limit: batch,
      })
      for (const { id, data } of events) {
        after = id
        yield (data as LogLine[]).map(({ at, stream, line }) => `${at} ${stream} ${line}\n`).join('')
      }
      if (!more) return
    }
  }
  return new Response(Readable.toWeb(Readable.from(lines())) as unknown as BodyInit, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="${job.id}.log"`,
      'cache-control': 'no-store',
    },
  })
}
