import { type JobEvent, jobEventSchema } from '#lib/training/job.types.ts'
import { type ApiConnection, apiHeaders, apiUrl } from './api-connection.ts'
import { isApiError, unreachable } from './api-error.ts'
import { rawAnswer, sendRequest } from './call-api.ts'
import { readEventStream } from './event-stream.ts'
import { refusal } from './read-answer.ts'

const endStatuses = new Set(['succeeded', 'failed', 'cancelled', 'timed_out', 'lost'])
const waitsMs = [500, 1000, 2000, 5000, 10_000]

export interface JobEventsOptions {
  /** Events after this one only. */
  after?: number
  signal: AbortSignal
  /** Told when the connection stands and when it is lost and being made again. */
  onConnection?: (state: 'live' | 'waiting') => void
}

/**
 * Every event of a job in order, each once, over as many connections as it takes; ends with the job.
 * Throws ApiError when the server refuses (401, 404), ends quietly when aborted.
 */
export async function* followJobEvents(
  api: ApiConnection,
  jobId: string,
  options: JobEventsOptions,
): AsyncGenerator<JobEvent> {
  let after = options.after
  let failures = 0
  while (!options.signal.aborted) {
    try {
      for await (const event of readJobEvents(api, jobId, { ...options, after })) {
        failures = 0
        after = event.id
        yield event
        if (event.type === 'status' && endStatuses.has(event.data.status)) return
      }
    } catch (error) {
      if (options.signal.aborted) return
      if (isApiError(error) && !error.retryable) throw error
    }
    options.onConnection?.('waiting')
    await pause(waitsMs[Math.min(failures, waitsMs.length - 1)] ?? 0, options.signal)
    failures += 1
  }
}

async function* readJobEvents(
  api: ApiConnection,
  jobId: string,
  { after, signal, onConnection }: JobEventsOptions,
): AsyncGenerator<JobEvent> {
  const resume: Record<string, string> = after === undefined ? {} : { 'last-event-id': String(after) }
  const response = await sendRequest(api, apiUrl(api, `/api/training/jobs/${jobId}/events`), {
    headers: apiHeaders(api, { ...resume, accept: 'text/event-stream' }),
    cache: 'no-store',
    signal,
  })
  if (!response.ok) throw refusal(await rawAnswer(response))
  if (!response.body) throw unreachable(undefined)
  onConnection?.('live')
  for await (const sent of readEventStream(response.body)) {
    const parsed = jobEventSchema.safeParse({
      id: Number(sent.id),
      type: sent.event,
      data: JSON.parse(sent.data),
    })
    if (parsed.success) yield parsed.data
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms)
    function finish() {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    signal.addEventListener('abort', finish, { once: true })
  })
}
