import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { TakeTurn } from '#lib/db/provider-turns.ts'
import {
  createProviderHttp,
  type ProviderHttpOptions,
  ProviderRefusal,
  type ProviderRequest,
  ProviderSilence,
} from '../provider-http.ts'
import {
  type Instance,
  type InstanceTypeItem,
  instanceListSchema,
  instanceTypesSchema,
  type LaunchInstance,
  launchedSchema,
  oneInstanceSchema,
  terminatedSchema,
} from './api-types.ts'

/** One request a second and one launch in twelve, with room for what is late on its way. */
export const defaultPace = { secondsPerRequest: 1.25, secondsPerLaunch: 13 }
export type LambdaPace = typeof defaultPace

const launchTimeoutSeconds = 60
const requestWaitSecondsMax = 60
const launchWaitSecondsMax = 120
const launchPath = '/instance-operations/launch'
const attemptsMax = 3

/** Lambda's API as one account sees it, at the pace that the account may have. */
export interface LambdaClient {
  /** The new instance's id. */
  launch(body: LaunchInstance, signal?: AbortSignal): Promise<string>
  get(id: string, signal?: AbortSignal): Promise<Instance>
  list(signal?: AbortSignal): Promise<Instance[]>
  terminate(id: string, signal?: AbortSignal): Promise<void>
  types(signal?: AbortSignal): Promise<InstanceTypeItem[]>
}

export interface LambdaClientOptions extends Omit<ProviderHttpOptions, 'pace'> {
  takeTurn: TakeTurn
  pace: LambdaPace
}

export function createLambdaClient({ takeTurn, pace, ...options }: LambdaClientOptions): LambdaClient {
  const account = `lambda ${createHash('sha256').update(options.apiKey).digest('hex').slice(0, 32)}`
  const http = createProviderHttp({
    ...options,
    pace: ({ path, signal }) =>
      takeTurn({
        account,
        pace: { kind: 'request', everySeconds: pace.secondsPerRequest },
        ...(path === launchPath ? { rarer: { kind: 'launch', everySeconds: pace.secondsPerLaunch } } : {}),
        waitSecondsMax: path === launchPath ? launchWaitSecondsMax : requestWaitSecondsMax,
        signal,
      }),
  })
  const ask = async <T extends z.ZodType>(schema: T, request: ProviderRequest): Promise<z.output<T>> => {
    const { body } = await comingBack(() => http.call(request), request.path === launchPath ? 1 : attemptsMax)
    const parsed = schema.safeParse(body)
    if (parsed.success) return parsed.data
    throw new ProviderSilence(`an answer that is not in its contract: ${parsed.error.issues[0]?.message}`)
  }

  return {
    async launch(body, signal) {
      const { data } = await ask(launchedSchema, {
        method: 'POST',
        path: launchPath,
        body,
        signal,
        timeoutSeconds: launchTimeoutSeconds,
      })
      return data.instance_ids[0]!
    },
    get: async (id, signal) =>
      (await ask(oneInstanceSchema, { method: 'GET', path: `/instances/${encodeURIComponent(id)}`, signal }))
        .data,
    list: async (signal) =>
      (await ask(instanceListSchema, { method: 'GET', path: '/instances', signal })).data,
    async terminate(id, signal) {
      const body = { instance_ids: [id] }
      await ask(terminatedSchema, { method: 'POST', path: '/instance-operations/terminate', body, signal })
    },
    types: async (signal) =>
      Object.values(
        (await ask(instanceTypesSchema, { method: 'GET', path: '/instance-types', signal })).data,
      ),
  }
}

/** Other programs may use the account, too: what is told to come back takes another turn. */
async function comingBack<T>(call: () => Promise<T>, attempts: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof ProviderRefusal) || error.status !== 429 || attempt >= attempts) throw error
    }
  }
}
