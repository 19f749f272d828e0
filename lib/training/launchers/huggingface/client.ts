import type { z } from 'zod'
import {
  createProviderHttp,
  type ProviderHttpOptions,
  type ProviderRequest,
  ProviderSilence,
} from '../provider-http.ts'
import {
  type Hardware,
  type HubJob,
  hardwareListSchema,
  jobListSchema,
  jobSchema,
  type RunJob,
  whoamiSchema,
} from './api-types.ts'

const runTimeoutSeconds = 60
const pagesMax = 50

/** The Jobs API as one token sees it. Every call throws ProviderRefusal or ProviderSilence. */
export interface HubClient {
  /** The account that the token belongs to. */
  whoami(signal?: AbortSignal): Promise<string>
  run(namespace: string, body: RunJob, signal?: AbortSignal): Promise<HubJob>
  get(namespace: string, id: string, signal?: AbortSignal): Promise<HubJob>
  /** All pages of what has the label, and the stage where one is told. */
  list(
    namespace: string,
    filter: { stage?: string; label: string },
    signal?: AbortSignal,
  ): AsyncGenerator<HubJob, void, undefined>
  cancel(namespace: string, id: string, signal?: AbortSignal): Promise<void>
  hardware(signal?: AbortSignal): Promise<Hardware[]>
  /** Each connection begins at the job's first line, or so many lines before its last. */
  openLogs(namespace: string, id: string, signal: AbortSignal, tail?: number): Promise<Response>
}

export function createHubClient(options: ProviderHttpOptions): HubClient {
  const http = createProviderHttp(options)
  const read = <T extends z.ZodType>(schema: T, body: unknown): z.output<T> => {
    const parsed = schema.safeParse(body)
    if (parsed.success) return parsed.data
    throw new ProviderSilence(`an answer that is not in its contract: ${parsed.error.issues[0]?.message}`)
  }
  const ask = async <T extends z.ZodType>(schema: T, request: ProviderRequest): Promise<z.output<T>> =>
    read(schema, (await http.call(request)).body)
  const path = (...parts: string[]) => `/jobs/${parts.map(encodeURIComponent).join('/')}`

  return {
    whoami: async (signal) => (await ask(whoamiSchema, { method: 'GET', path: '/whoami-v2', signal })).name,
    run: (namespace, body, signal) =>
      ask(jobSchema, {
        method: 'POST',
        path: path(namespace),
        body,
        signal,
        timeoutSeconds: runTimeoutSeconds,
      }),
    get: (namespace, id, signal) => ask(jobSchema, { method: 'GET', path: path(namespace, id), signal }),
    async *list(namespace, filter, signal) {
      let query: Record<string, string> | null = filter
      for (let page = 0; query && page < pagesMax; page++) {
        const { body, headers } = await http.call({ method: 'GET', path: path(namespace), query, signal })
        yield* read(jobListSchema, body)
        query = nextQuery(headers.get('link'))
      }
    },
    async cancel(namespace, id, signal) {
      await http.call({ method: 'POST', path: path(namespace, id, 'cancel'), signal })
    },
    hardware: (signal) => ask(hardwareListSchema, { method: 'GET', path: '/jobs/hardware', signal }),
    openLogs: (namespace, id, signal, tail) =>
      http.open({
        method: 'GET',
        path: path(namespace, id, 'logs'),
        ...(tail === undefined ? {} : { query: { tail: String(tail) } }),
        headers: { accept: 'text/event-stream' },
        signal,
      }),
  }
}

/** The query of the next page; its address is not followed, since the token belongs to this one. */
function nextQuery(link: string | null): Record<string, string> | null {
  const next = /<([^>]+)>;\s*rel="?next"?/.exec(link ?? '')?.[1]
  return next ? Object.fromEntries(new URL(next, 'http://hub').searchParams) : null
}
