import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import type { JobEvent } from '#lib/training/job.types.ts'
import { getJob } from '#lib/training/jobs/get-job.ts'
import { isEnd } from '#lib/training/jobs/job-states.ts'
import { readEventsAfter } from '#lib/training/jobs/read-events-after.ts'

/** An event may hold thousands of lines. */
const batch = 100
/** Shorter than the idle limit of the proxies that people put in front. */
const keepAliveMilliseconds = 15_000

type StreamServices = Pick<Services, 'db' | 'jobEvents'>

/**
 * A job's events as server-sent events, from after `after` on, live until the job has ended and everything was sent;
 * then one event `end`. Every event's id resumes the stream behind it.
 */
export function jobEventStream(
  services: StreamServices,
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
  services: StreamServices,
  user: User,
  jobId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  // Listening comes before looking: what happens in between is not missed.
  const watch = services.jobEvents.watch(jobId)
  try {
    // The job is looked at before its events: an end that is seen has its last events in the table already.
    const job = await getJob(services, user, jobId)
    let { status } = job
    let cursor = after
    yield 'retry: 2000\n\n'
    while (!signal.aborted) {
      const events = await readEventsAfter(services, job, cursor, batch)
      for (const event of events) {
        cursor = event.id
        if (event.type === 'status') status = event.data.status
        yield linesOf(event)
      }
      if (events.length === 0 && isEnd(status)) {
        yield `event: end\ndata: ${JSON.stringify({ status })}\n\n`
        return
      }
      if (events.length === batch || isEnd(status)) continue
      await watch.wait(keepAliveMilliseconds, signal)
      if (events.length === 0) yield ': still here\n\n'
    }
  } finally {
    watch.end()
  }
}

const linesOf = ({ id, type, data }: JobEvent): string =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
