import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { getJob } from '#lib/training/jobs/get-job.ts'
import { isEnd } from '#lib/training/jobs/job-states.ts'
import { readJobHistory } from '#lib/training/jobs/read-job-history.ts'

const batch = 500
/** Shorter than the idle limit of the proxies that people put in front. */
const keepAliveMilliseconds = 15_000

/**
 * A job's events as server-sent events, from after `after` on, live until the job has ended and everything was sent;
 * then one event `end`. Every event's id resumes the stream behind it.
 */
export function jobEventStream(
  services: Services,
  user: User,
  jobId: string,
  after: number,
  signal: AbortSignal,
): Response {
  const text = new TextEncoder()
  const lines = eventLines(services, user, jobId, after, signal)
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await lines.next().catch(() => ({ done: true as const, value: undefined }))
      if (next.done) controller.close()
      else controller.enqueue(text.encode(next.value))
    },
    cancel: () => void lines.return(undefined),
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  })
}

async function* eventLines(
  services: Services,
  user: User,
  jobId: string,
  after: number,
  signal: AbortSignal,
) {
  let cursor = after
  yield 'retry: 2000\n\n'
  while (!signal.aborted) {
    // The job is looked at before its events: an end that is seen has its last events in the table already.
    const job = await getJob(services, user, jobId)
    const events = await readJobHistory(services, user, jobId, { after: cursor, limit: batch })
    for (const event of events) {
      cursor = event.id
      yield `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`
    }
    if (events.length === batch) continue
    if (isEnd(job.status)) {
      yield `event: end\ndata: ${JSON.stringify({ status: job.status })}\n\n`
      return
    }
    await services.jobEvents.wait(jobId, keepAliveMilliseconds, signal)
    yield ': still here\n\n'
  }
}
