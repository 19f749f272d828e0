import { Container, splitWords } from '../container.ts'
import { LogStream } from '../event-stream.ts'
import type { CreatePodBody } from './pod-request.ts'

export interface PodTiming {
  /** Seconds in PROVISIONING, then in STARTING. */
  provisioningSeconds: number
  startingSeconds: number
}

export type PodStatus = 'PROVISIONING' | 'STARTING' | 'RUNNING' | 'EXITED' | 'ERROR' | 'TERMINATED'

const legalActions: Record<PodStatus, string[]> = {
  PROVISIONING: ['stop', 'terminate'],
  STARTING: ['stop', 'terminate'],
  RUNNING: ['stop', 'restart', 'terminate'],
  EXITED: ['start', 'terminate'],
  ERROR: ['start', 'terminate'],
  TERMINATED: [],
}

/** One pod: its status over time, its container, its log. */
export class Pod {
  readonly id = crypto.randomUUID().replaceAll('-', '').slice(0, 14)
  readonly body: CreatePodBody
  readonly log = new LogStream()
  readonly #createdAt = Date.now()
  readonly #timing: PodTiming
  readonly #usdPerHour: number
  readonly #dataCenter: string
  #container: Container | undefined
  #containerStartedAt = 0
  #startedAt = 0
  #lines = 0
  /** Set by a suite, or by an action: overrules what time says. */
  forced: PodStatus | null = null
  /** Set by a suite: seconds since the container's last start. */
  uptime: number | null = null

  constructor(
    body: CreatePodBody,
    options: { timing: PodTiming; usdPerHour: number; dataCenter: string; execute: boolean },
  ) {
    this.body = body
    this.#timing = options.timing
    this.#usdPerHour = options.usdPerHour
    this.#dataCenter = options.dataCenter
    this.say('system', `create container ${body.image}`)
    const { provisioningSeconds, startingSeconds } = options.timing
    const timer = setTimeout(
      () => this.#start(options.execute),
      (provisioningSeconds + startingSeconds) * 1000,
    )
    timer.unref()
  }

  get status(): PodStatus {
    if (this.forced) return this.forced
    const age = (Date.now() - this.#createdAt) / 1000
    if (age < this.#timing.provisioningSeconds) return 'PROVISIONING'
    return this.#startedAt ? 'RUNNING' : 'STARTING'
  }

  get actions(): string[] {
    return legalActions[this.status]
  }

  /** How often its container was started. */
  get starts(): number {
    return this.#container?.starts ?? 0
  }

  say(source: 'container' | 'system', line: string): void {
    const ts = new Date().toISOString()
    this.#lines++
    this.log.add({ id: `${ts}/${String(this.#lines).padStart(12, '0')}`, data: { ts, source, line } })
  }

  async remove(): Promise<void> {
    this.forced = 'TERMINATED'
    this.log.end()
    await this.#container?.remove()
  }

  /** As every answer shows a pod: its environment in clear. */
  described(): Record<string, unknown> {
    const {
      name,
      image = '',
      args = '',
      disk = 20,
      mounts = {},
      ports = [],
      env = {},
      gpu,
      registry,
    } = this.body
    const { status } = this
    const isRunning = status === 'RUNNING'
    const since = (Date.now() - this.#containerStartedAt) / 1000
    return {
      id: this.id,
      name,
      status,
      actions: this.actions,
      image,
      args,
      disk,
      mounts,
      ports,
      env,
      registry: registry ?? null,
      gpu: { id: gpu?.id, count: gpu?.count ?? 1 },
      cloud: this.body.cloud ?? 'SECURE',
      dataCenterId: this.#dataCenter,
      cudaVersion: '12.8',
      ssh: { proxy: null, direct: null },
      template: null,
      cost: status === 'EXITED' || status === 'TERMINATED' ? 0 : this.#usdPerHour,
      locked: false,
      globalNetworking: { enabled: false },
      runtime: isRunning
        ? {
            uptime: Math.floor(this.uptime ?? since),
            gpus: [{ util: 0, memoryUtil: 0 }],
            cpu: { util: 1 },
            memory: { util: 1 },
            ports: [],
          }
        : null,
      createdAt: new Date(this.#createdAt).toISOString(),
      startedAt: this.#startedAt ? new Date(this.#startedAt).toISOString() : null,
    }
  }

  #start(execute: boolean): void {
    if (this.forced) return
    this.#startedAt = Date.now()
    this.#containerStartedAt = this.#startedAt
    this.say('system', 'start container')
    if (!execute) return
    const { args = '', env = {}, mounts } = this.body
    this.#container = new Container({
      command: splitWords(args),
      environment: { ...env, RUNPOD_POD_ID: this.id, RUNPOD_API_KEY: 'pod-scoped-key' },
      ...(mounts?.persistent ? { mountPath: mounts.persistent.path } : {}),
      restarts: true,
      onStart: () => {
        this.#containerStartedAt = Date.now()
      },
      onLine: (line) => this.say('container', line),
      onEnd: (status) => {
        this.say('system', `container exited with ${status}`)
        this.say('system', 'start container')
      },
    })
  }
}
