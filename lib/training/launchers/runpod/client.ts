import type { z } from 'zod'
import {
  createProviderHttp,
  type ProviderHttpOptions,
  type ProviderRequest,
  ProviderSilence,
} from '../provider-http.ts'
import {
  type CreatePod,
  type GpuType,
  gpuListSchema,
  type Pod,
  podListSchema,
  podSchema,
} from './api-types.ts'

const createTimeoutSeconds = 60

/** RunPod's API as one account sees it. Every call throws ProviderRefusal or ProviderSilence. */
export interface RunPodClient {
  createPod(body: CreatePod, signal?: AbortSignal): Promise<Pod>
  getPod(id: string, signal?: AbortSignal): Promise<Pod>
  listPods(signal?: AbortSignal): Promise<Pod[]>
  deletePod(id: string, signal?: AbortSignal): Promise<void>
  /** With stock where the API tells it. */
  listGpus(signal?: AbortSignal): Promise<GpuType[]>
  /** A stream that stays open; `lastEventId` is where the reader stopped. */
  openLogs(id: string, from: { tail: number; lastEventId?: string }, signal: AbortSignal): Promise<Response>
}

export function createRunPodClient(options: ProviderHttpOptions): RunPodClient {
  const http = createProviderHttp(options)
  const ask = async <T extends z.ZodType>(schema: T, request: ProviderRequest): Promise<z.output<T>> => {
    const { body } = await http.call(request)
    const parsed = schema.safeParse(body)
    if (parsed.success) return parsed.data
    throw new ProviderSilence(`an answer that is not in its contract: ${parsed.error.issues[0]?.message}`)
  }
  const pod = (id: string) => `/pods/${encodeURIComponent(id)}`
  const gpus = (query: Record<string, string>, signal?: AbortSignal) =>
    ask(gpuListSchema, { method: 'GET', path: '/catalog/gpus', query, signal })

  return {
    createPod: (body, signal) =>
      ask(podSchema, {
        method: 'POST',
        path: '/pods',
        body,
        signal,
        timeoutSeconds: createTimeoutSeconds,
      }),
    getPod: (id, signal) => ask(podSchema, { method: 'GET', path: pod(id), signal }),
    listPods: async (signal) => (await ask(podListSchema, { method: 'GET', path: '/pods', signal })).pods,
    async deletePod(id, signal) {
      await http.call({ method: 'DELETE', path: pod(id), signal })
    },
    listGpus: async (signal) => (await gpus({ include: 'AVAILABILITY', product: 'POD' }, signal)).gpus,
    openLogs: (id, { tail, lastEventId }, signal) =>
      http.open({
        method: 'GET',
        path: `${pod(id)}/logs`,
        query: { tail: String(tail) },
        headers: { accept: 'text/event-stream', ...(lastEventId ? { 'last-event-id': lastEventId } : {}) },
        signal,
      }),
  }
}
