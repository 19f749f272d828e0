import { eventStreamHeaders } from '../event-stream.ts'
import {
  type ProviderAnswer,
  type ProviderDouble,
  type SeenRequest,
  startProviderServer,
} from '../provider-server.ts'
import { Pod, type PodTiming } from './pod.ts'
import { brokenRule, type CreatePodBody, violations } from './pod-request.ts'

export interface RunPodGpu {
  id: string
  name: string
  memory: number
  price: number
  /** Pods that still find room; a launch takes one. */
  stock: number
  /** What the catalogue says, where that is not the truth. */
  claimed?: 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH'
}

export interface RunPodDoubleOptions {
  port?: number
  apiKey?: string
  timing?: PodTiming
  /** Runs the pods' commands as processes of this machine, again and again as RunPod does. */
  execute?: boolean
  /** Requests a minute and key. */
  requestsPerMinute?: number
}

export interface RunPodDouble extends ProviderDouble {
  apiKey: string
  /** Of the pods that come from now on: whether their commands are run. */
  execute: boolean
  gpus: RunPodGpu[]
  /** Those that are there now. */
  pods: Map<string, Pod>
  /** USD; a launch without any is refused. */
  balance: number
  /** Keys that are known and may not launch. */
  readOnlyKeys: Set<string>
  /** Images that no registry has. */
  missingImages: Set<string>
  /** Seconds for which a deleted pod is still shown as it was. */
  deletionSeconds: number
  /** Where the log's endpoint is out of order, as it has been. */
  logsFail: boolean
  /** The prose of a launch that finds no room. */
  capacityProse: string
}

const dataCenter = { id: 'US-KS-2', name: 'US Kansas 2' }
const minute = 60_000

/** Stands in for RunPod's REST API v2, as strict as its document and as unkind as its field notes. */
export async function startRunPodDouble(options: RunPodDoubleOptions = {}): Promise<RunPodDouble> {
  const { timing = { provisioningSeconds: 0.05, startingSeconds: 0.05 } } = options
  const quota = options.requestsPerMinute ?? 1000
  const asked: number[] = []

  const server = await startProviderServer((request) => {
    const limited = limit(request)
    if (limited) return limited
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (key !== double.apiKey && !(key && double.readOnlyKeys.has(key))) {
      return problem(401, 'Unauthorized', 'The API key is missing or invalid.')
    }
    const answer = route(request, key !== double.apiKey)
    return { ...answer, headers: { ...rateHeaders(), ...answer.headers } }
  }, options.port)

  function rateHeaders() {
    return {
      RateLimit: `"minute";r=${Math.max(0, quota - asked.length)};t=60`,
      'RateLimit-Policy': `"minute";q=${quota};w=60`,
    }
  }

  function limit(request: SeenRequest): ProviderAnswer | null {
    while (asked[0] && asked[0] < request.at - minute) asked.shift()
    if (asked.length >= quota) {
      return problem(429, 'Too Many Requests', 'Rate limit exceeded.', undefined, {
        ...rateHeaders(),
        'retry-after': '1',
      })
    }
    asked.push(request.at)
    return null
  }

  function route(request: SeenRequest, isReadOnly: boolean): ProviderAnswer {
    const { method, path } = request
    const [, version, kind, id, verb] = path.split('/').map(decodeURIComponent)
    if (version !== 'v2') return problem(404, 'Not Found', `No route ${method} ${path}`)
    if (method !== 'GET' && isReadOnly) return problem(403, 'Forbidden', 'The key has no write access.')
    if (kind === 'catalog' && id === 'gpus' && method === 'GET') return catalogue(request.query)
    if (kind !== 'pods') return problem(404, 'Not Found', `No route ${method} ${path}`)
    if (!id && method === 'POST') return create(request.body)
    if (!id && method === 'GET')
      return { status: 200, body: { pods: [...double.pods.values()].map((pod) => pod.described()) } }
    const pod = double.pods.get(id ?? '')
    if (!pod) return problem(404, 'Not Found', `Pod ${id} not found.`)
    if (!verb && method === 'GET') return { status: 200, body: pod.described() }
    if (!verb && method === 'DELETE') return remove(pod)
    if (verb === 'action' && method === 'POST') return act(pod, request.body)
    if (verb === 'logs' && method === 'GET') return logs(pod, request)
    return problem(405, 'Method Not Allowed', `${method} is not supported here.`)
  }

  function create(body: unknown): ProviderAnswer {
    const errors = violations(body)
    if (errors.length > 0) return problem(422, 'Unprocessable Entity', 'The request body is invalid.', errors)
    const wanted = body as CreatePodBody
    const rule = brokenRule(wanted)
    if (rule) return problem(400, 'Bad Request', rule)
    if (wanted.templateId) return problem(404, 'Not Found', `Template ${wanted.templateId} not found.`)
    if (double.missingImages.has(wanted.image ?? ''))
      return problem(422, 'Unprocessable Entity', `Image ${wanted.image} was not found in its registry.`)
    if (double.balance <= 0)
      return problem(402, 'Payment Required', 'Your balance is too low to start a pod.')
    const gpu = double.gpus.find((known) => known.id === wanted.gpu?.id)
    if (!gpu || gpu.stock < 1) return problem(400, 'Bad Request', double.capacityProse)
    gpu.stock--
    const count = wanted.gpu?.count ?? 1
    const pod = new Pod(wanted, {
      timing,
      usdPerHour: gpu.price * count,
      dataCenter: dataCenter.id,
      execute: double.execute,
    })
    double.pods.set(pod.id, pod)
    return { status: 201, body: pod.described() }
  }

  function remove(pod: Pod): ProviderAnswer {
    // The place is free in the moment in which the pod is no longer found.
    const forget = () => {
      double.pods.delete(pod.id)
      const gpu = double.gpus.find(({ id }) => id === pod.body.gpu?.id)
      if (gpu) gpu.stock++
    }
    if (double.deletionSeconds > 0) setTimeout(() => pod.remove().then(forget), double.deletionSeconds * 1000)
    else {
      forget()
      void pod.remove()
    }
    return { status: 204 }
  }

  function act(pod: Pod, body: unknown): ProviderAnswer {
    const action = String((body as { action?: unknown } | undefined)?.action)
    if (!pod.actions.includes(action))
      return problem(409, 'Conflict', `Action ${action} is not legal in status ${pod.status}.`)
    if (action === 'terminate') return remove(pod)
    pod.forced = action === 'stop' ? 'EXITED' : null
    return { status: 200, body: pod.described() }
  }

  function logs(pod: Pod, { query, headers }: SeenRequest): ProviderAnswer {
    if (double.logsFail) return problem(400, 'Bad Request', 'Logs are not available for this pod.')
    const tail = Number(query.get('tail') ?? 100)
    if (!Number.isInteger(tail) || tail < 0 || tail > 5000)
      return problem(400, 'Bad Request', 'tail must be between 0 and 5000.')
    const { events } = pod.log
    const last = headers['last-event-id']
    const from = last ? events.findIndex(({ id }) => id! > last) : Math.max(0, events.length - tail)
    return {
      status: 200,
      headers: eventStreamHeaders,
      stream: (response) => pod.log.serve(response, from === -1 ? events.length : from),
    }
  }

  function catalogue(query: URLSearchParams): ProviderAnswer {
    const withStock = query.get('include') === 'AVAILABILITY'
    if (withStock !== query.has('product'))
      return problem(400, 'Bad Request', 'include=AVAILABILITY requires product, and product requires it.')
    return {
      status: 200,
      body: {
        gpus: double.gpus.map(({ id, name, memory, price, stock, claimed }) => {
          const availability = claimed ?? (stock > 5 ? 'HIGH' : stock > 0 ? 'LOW' : 'NONE')
          return {
            id,
            name,
            pool: null,
            manufacturer: 'NVIDIA',
            memory,
            secure: true,
            community: false,
            price: { secure: price, community: price },
            maxCount: { secure: 8, community: 0 },
            ...(withStock ? { availability, dataCenters: [{ ...dataCenter, availability }] } : {}),
          }
        }),
      },
    }
  }

  const double: RunPodDouble = {
    ...server,
    apiKey: options.apiKey ?? `rpa_${crypto.randomUUID().replaceAll('-', '')}`,
    execute: options.execute ?? false,
    gpus: [
      { id: 'NVIDIA GeForce RTX 4090', name: 'RTX 4090', memory: 24, price: 0.69, stock: 8 },
      { id: 'NVIDIA RTX A6000', name: 'RTX A6000', memory: 48, price: 0.49, stock: 3 },
      { id: 'NVIDIA L40S', name: 'L40S', memory: 48, price: 0.86, stock: 8 },
      { id: 'NVIDIA H100 80GB HBM3', name: 'H100 SXM', memory: 80, price: 2.69, stock: 0 },
    ],
    pods: new Map(),
    balance: 25,
    readOnlyKeys: new Set(),
    missingImages: new Set(),
    deletionSeconds: 0,
    logsFail: false,
    capacityProse: 'There are no longer any instances available with the requested specifications.',
    async close() {
      await Promise.all([...double.pods.values()].map((pod) => pod.remove()))
      await server.close()
    },
  }
  return double
}

function problem(
  status: number,
  title: string,
  detail: string,
  errors?: string[],
  headers: Record<string, string> = {},
): ProviderAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: { title, status, detail, ...(errors ? { errors } : {}) },
  }
}
