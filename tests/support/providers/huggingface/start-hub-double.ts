import { eventStreamHeaders } from '../event-stream.ts'
import {
  type ProviderAnswer,
  type ProviderDouble,
  type SeenRequest,
  startProviderServer,
} from '../provider-server.ts'
import { HubJob } from './hub-job.ts'
import { runBodySchema } from './run-body.ts'

export interface HubDoubleOptions {
  port?: number
  token?: string
  schedulingSeconds?: number
  /** Runs the jobs' commands as processes of this machine. */
  execute?: boolean
}

export interface HubDouble extends ProviderDouble {
  token: string
  /** Of the jobs that come from now on: whether their commands are run. */
  execute: boolean
  account: string
  /** Namespaces in which the token may run jobs. */
  namespaces: Set<string>
  jobs: Map<string, HubJob>
  /** Jobs a page of the list. */
  pageSize: number
  hasCredit: boolean
  /** What a flavor costs from now on. */
  setPrice(flavor: string, usdPerHour: number): void
  /** From a cancellation to its stage. */
  cancelSeconds: number
  /** From a job's creation until it runs. */
  schedulingSeconds: number
}

const usualFlavors = () => [
  flavor('cpu-basic', 'CPU basic', null, 167),
  flavor('t4-small', 'Nvidia T4 - small', { model: 'T4', quantity: '1', vram: '16 GB' }, 6667),
  flavor('l4x1', '1x Nvidia L4', { model: 'L4', quantity: '1', vram: '24 GB' }, 13_333),
  flavor('a100x4', '4x Nvidia A100', { model: 'A100', quantity: '4', vram: '320 GB' }, 166_667),
]

/** Stands in for the Hub's Jobs API: stages over time, secrets that are not shown, a log that begins anew each time. */
export async function startHubDouble(options: HubDoubleOptions = {}): Promise<HubDouble> {
  const { schedulingSeconds = 0.1 } = options
  const flavors = usualFlavors()

  const server = await startProviderServer((request) => {
    const { method, path } = request
    if (method === 'GET' && path === '/api/jobs/hardware') return { status: 200, body: flavors }
    if (request.headers.authorization !== `Bearer ${double.token}`)
      return failure(401, 'Invalid credentials in Authorization header')
    if (method === 'GET' && path === '/api/whoami-v2')
      return { status: 200, body: { type: 'user', id: 'owner', name: double.account, orgs: [] } }
    const [, api, jobs, namespace = '', id, verb] = path.split('/').map(decodeURIComponent)
    if (api !== 'api' || jobs !== 'jobs' || !namespace) return failure(404, 'Not Found')
    if (!double.namespaces.has(namespace))
      return failure(403, `You don't have permission to manage jobs in ${namespace}`)
    if (!id) return method === 'POST' ? run(namespace, request.body) : list(request)
    const job = double.jobs.get(id)
    if (!job) return failure(404, 'Job not found')
    if (!verb && method === 'GET') return { status: 200, body: job.described() }
    if (verb === 'cancel' && method === 'POST') return cancel(job)
    if (verb === 'logs' && method === 'GET')
      return {
        status: 200,
        headers: eventStreamHeaders,
        stream: (response) => {
          const tail = request.query.get('tail')
          job.log.serve(response, tail ? Math.max(0, job.log.events.length - Number(tail)) : 0, job.isOver)
        },
      }
    return failure(404, 'Not Found')
  }, options.port)

  function run(namespace: string, body: unknown): ProviderAnswer {
    const parsed = runBodySchema.safeParse(body)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      return failure(400, `Invalid job: ${issue?.path.join('.')} ${issue?.message}`)
    }
    if (!flavors.some(({ name }) => name === parsed.data.flavor))
      return failure(400, `Invalid flavor: ${parsed.data.flavor}`)
    if (!double.hasCredit) return failure(402, 'Pre-paid credit balance is insufficient')
    const job = new HubJob(parsed.data, {
      owner: namespace,
      schedulingSeconds: double.schedulingSeconds,
      execute: double.execute,
    })
    double.jobs.set(job.id, job)
    return { status: 200, body: job.described() }
  }

  function list({ query, path }: SeenRequest): ProviderAnswer {
    const stages = query.getAll('stage')
    const labels = query.getAll('label').map((text) => text.split('='))
    const offset = Number(query.get('cursor') ?? 0)
    const all = [...double.jobs.values()]
      .filter(({ stage }) => stages.length === 0 || stages.includes(stage))
      .filter(({ body }) => labels.every(([key, value]) => body.labels?.[key!] === value))
      .reverse()
    const next = new URLSearchParams(query)
    next.set('cursor', String(offset + double.pageSize))
    const hasMore = offset + double.pageSize < all.length
    return {
      status: 200,
      ...(hasMore ? { headers: { link: `<${double.url}${path}?${next}>; rel="next"` } } : {}),
      body: all.slice(offset, offset + double.pageSize).map((job) => job.described()),
    }
  }

  function cancel(job: HubJob): ProviderAnswer {
    if (job.isOver) return failure(400, 'Job is not running')
    setTimeout(() => job.finish('CANCELED'), double.cancelSeconds * 1000)
    return { status: 200, body: job.described() }
  }

  const double: HubDouble = {
    ...server,
    token: options.token ?? `hf_${crypto.randomUUID().replaceAll('-', '')}`,
    execute: options.execute ?? false,
    account: 'ada',
    namespaces: new Set(['ada', 'lovelace-labs']),
    jobs: new Map(),
    pageSize: 2,
    hasCredit: true,
    cancelSeconds: 0.05,
    schedulingSeconds,
    setPrice(name, usdPerHour) {
      const known = flavors.find((one) => one.name === name)!
      known.unitCostMicroUSD = Math.round((usdPerHour * 1e6) / 60)
      known.unitCostUSD = known.unitCostMicroUSD / 1e6
    },
    async close() {
      await Promise.all([...double.jobs.values()].map((job) => job.finish('DELETED')))
      await server.close()
    },
  }
  return double
}

function flavor(
  name: string,
  prettyName: string,
  accelerator: { model: string; quantity: string; vram: string } | null,
  unitCostMicroUSD: number,
) {
  return {
    name,
    prettyName,
    cpu: '4 vCPU',
    ram: '30 GB',
    ephemeralStorage: '100 GB',
    accelerator: accelerator && { type: 'gpu', manufacturer: 'Nvidia', ...accelerator },
    unitCostMicroUSD,
    unitCostUSD: unitCostMicroUSD / 1e6,
    unitLabel: 'minute',
  }
}

function failure(status: number, error: string): ProviderAnswer {
  return { status, headers: { 'x-error-message': error }, body: { error } }
}
