import {
  type ProviderAnswer,
  type ProviderDouble,
  type SeenRequest,
  startProviderServer,
} from '../provider-server.ts'
import { Instance, type InstanceTiming } from './instance.ts'
import { invalidParameters, type LaunchBody } from './launch-body.ts'

export interface LambdaType {
  name: string
  description: string
  gpuDescription: string
  centsPerHour: number
  gpus: number
  /** Regions that the list names. */
  listed: string[]
  /** Regions where a launch finds room: the list is advice only. */
  room: string[]
}

export interface LambdaDoubleOptions {
  port?: number
  apiKey?: string
  timing?: InstanceTiming
  /** Does what the user data says, as processes of this machine. */
  execute?: boolean
  /** 1 and 12 are Lambda's own; a suite that is about something else may not want to wait. */
  pace?: { secondsPerRequest: number; secondsPerLaunch: number }
}

export interface LambdaDouble extends ProviderDouble {
  apiKey: string
  /** Of the instances that come from now on: whether they do what their user data says. */
  execute: boolean
  types: LambdaType[]
  instances: Map<string, Instance>
  sshKeys: string[]
  /** Requests that came before their time. */
  readonly tooEarly: SeenRequest[]
  /** Set by a suite: what every launch is refused with. */
  refusal: { status: number; code: string; message: string } | null
}

const regions: Record<string, string> = {
  'us-west-1': 'California, USA',
  'us-east-1': 'Virginia, USA',
  'us-south-1': 'Texas, USA',
  'europe-central-1': 'Germany',
}
/** Two requests that were sent a second apart may arrive a little closer. */
const toleranceMilliseconds = 30

/** Stands in for Lambda's Cloud API, with its pace, its advice that does not hold, and its machines that fail. */
export async function startLambdaDouble(options: LambdaDoubleOptions = {}): Promise<LambdaDouble> {
  const { pace = { secondsPerRequest: 1, secondsPerLaunch: 12 } } = options
  const timing = options.timing ?? { bootingSeconds: 0.1, addressSeconds: 0.1, terminatingSeconds: 0.1 }
  const tooEarly: SeenRequest[] = []
  const last = { request: 0, launch: 0 }

  const server = await startProviderServer((request) => {
    const early = isTooEarly(request)
    if (early) {
      tooEarly.push(request)
      return failure(429, 'global/rate-limited', 'Too many requests.')
    }
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (key !== double.apiKey)
      return failure(401, 'global/invalid-api-key', 'API key was invalid, expired, or deleted.')
    return route(request)
  }, options.port)

  function isTooEarly({ path, at }: SeenRequest): boolean {
    const isLaunch = path.endsWith('/launch')
    const tooSoon = (since: number, seconds: number) =>
      seconds > 0 && at - since < seconds * 1000 - toleranceMilliseconds
    if (tooSoon(last.request, pace.secondsPerRequest)) return true
    if (isLaunch && tooSoon(last.launch, pace.secondsPerLaunch)) return true
    last.request = at
    if (isLaunch) last.launch = at
    return false
  }

  function route({ method, path, body }: SeenRequest): ProviderAnswer {
    const route = `${method} ${path.replace(/^\/api\/v1/, '')}`
    const one = /^GET \/instances\/([^/]+)$/.exec(route)
    if (!path.startsWith('/api/v1/')) return failure(404, 'global/not-found', 'Not found.')
    if (route === 'GET /instances') return data([...double.instances.values()].filter(isShown).map(described))
    if (one) {
      const instance = double.instances.get(one[1]!)
      return instance ? data(described(instance)) : unknownInstance()
    }
    switch (route) {
      case 'GET /instance-types':
        return data(Object.fromEntries(double.types.map((type) => [type.name, typeItem(type)])))
      case 'GET /ssh-keys':
        return data(double.sshKeys.map((name) => ({ id: name, name, public_key: 'ssh-ed25519 AAAA' })))
      case 'POST /instance-operations/launch':
        return launch(body)
      case 'POST /instance-operations/terminate':
        return terminate(body)
    }
    return failure(404, 'global/not-found', 'Not found.')
  }

  function launch(body: unknown): ProviderAnswer {
    const invalid = invalidParameters(body)
    if (invalid) return failure(400, 'global/invalid-parameters', invalid)
    const wanted = body as LaunchBody
    const type = double.types.find(({ name }) => name === wanted.instance_type_name)
    if (!type || !regions[wanted.region_name])
      return failure(400, 'global/invalid-parameters', 'Invalid instance type or region.')
    if (!double.sshKeys.includes(wanted.ssh_key_names[0]!))
      return failure(404, 'global/object-does-not-exist', `SSH key ${wanted.ssh_key_names[0]} was not found.`)
    if (double.refusal) return failure(double.refusal.status, double.refusal.code, double.refusal.message)
    if (!type.room.includes(wanted.region_name)) {
      const message = 'Not enough capacity to fulfill launch request.'
      return failure(400, 'instance-operations/launch/insufficient-capacity', message)
    }
    const instance = new Instance(wanted, { timing, execute: double.execute })
    double.instances.set(instance.id, instance)
    return data({ instance_ids: [instance.id] })
  }

  function terminate(body: unknown): ProviderAnswer {
    const ids = (body as { instance_ids?: unknown } | undefined)?.instance_ids
    if (!Array.isArray(ids)) return failure(400, 'global/invalid-parameters', 'instance_ids is required.')
    const known = ids.map((id) => double.instances.get(String(id)))
    if (known.some((instance) => !instance)) return unknownInstance()
    const instances = known as Instance[]
    for (const instance of instances) void instance.terminate()
    return data({ terminated_instances: instances.map(described) })
  }

  function described(instance: Instance): Record<string, unknown> {
    const type = double.types.find(({ name }) => name === instance.body.instance_type_name)!
    const { id, ip, status, body } = instance
    const isLiving = status !== 'terminating' && status !== 'terminated'
    const action = isLiving ? { available: true } : { available: false, reason_code: 'vm-is-terminating' }
    return {
      id,
      name: body.name ?? '',
      ...(ip ? { ip, private_ip: '10.0.2.100', hostname: '198-51-100-2' } : {}),
      status,
      ssh_key_names: body.ssh_key_names,
      file_system_names: body.file_system_names ?? [],
      region: region(body.region_name),
      instance_type: typeItem(type).instance_type,
      jupyter_token: 'a-live-secret',
      jupyter_url: 'https://jupyter.example.com/?token=a-live-secret',
      actions: { migrate: action, rebuild: action, restart: action, cold_reboot: action, terminate: action },
      tags: body.tags ?? [],
      firewall_rulesets: [],
    }
  }

  const double: LambdaDouble = {
    ...server,
    apiKey: options.apiKey ?? `secret_finetunelab_${crypto.randomUUID().replaceAll('-', '')}.key`,
    execute: options.execute ?? false,
    types: [
      type('gpu_1x_a10', 'A10 (24 GB PCIe)', 75, 1, ['us-west-1', 'us-east-1'], ['us-east-1']),
      type('gpu_1x_h100_pcie', 'H100 (80 GB PCIe)', 249, 1, ['us-west-1'], ['us-west-1']),
      type('gpu_8x_a100', 'A100 (40 GB SXM4)', 1032, 8, [], []),
    ],
    instances: new Map(),
    sshKeys: ['finetunelab'],
    tooEarly,
    refusal: null,
    async close() {
      await Promise.all([...double.instances.values()].map((instance) => instance.terminate()))
      await server.close()
    },
  }
  return double
}

const isShown = ({ status }: Instance) => status !== 'terminated'

function type(
  name: string,
  gpuDescription: string,
  centsPerHour: number,
  gpus: number,
  listed: string[],
  room: string[],
): LambdaType {
  return { name, description: `${gpus}x ${gpuDescription}`, gpuDescription, centsPerHour, gpus, listed, room }
}

function typeItem({ name, description, gpuDescription, centsPerHour, gpus, listed }: LambdaType) {
  return {
    instance_type: {
      name,
      description,
      gpu_description: gpuDescription,
      price_cents_per_hour: centsPerHour,
      specs: { vcpus: 30 * gpus, memory_gib: 200 * gpus, storage_gib: 512, gpus },
    },
    regions_with_capacity_available: listed.map(region),
  }
}

const region = (name: string) => ({ name, description: regions[name] ?? name })
const data = (value: unknown): ProviderAnswer => ({ status: 200, body: { data: value } })
const unknownInstance = () =>
  failure(404, 'global/object-does-not-exist', 'Specified instance does not exist.')

function failure(status: number, code: string, message: string): ProviderAnswer {
  return { status, body: { error: { code, message, suggestion: 'Check the request, then try again.' } } }
}
