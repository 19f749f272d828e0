import { Container } from '../container.ts'
import { LogStream } from '../event-stream.ts'
import type { RunBody } from './run-body.ts'

export type Stage = 'SCHEDULING' | 'RUNNING' | 'COMPLETED' | 'ERROR' | 'CANCELED' | 'DELETED'

const defaultTimeoutSeconds = 1800
const ends: readonly Stage[] = ['COMPLETED', 'ERROR', 'CANCELED', 'DELETED']

/** One job: its stage over time, its command, its log. */
export class HubJob {
  readonly id = crypto.randomUUID().replaceAll('-', '').slice(0, 24)
  readonly body: RunBody
  readonly log = new LogStream()
  readonly createdAt = Date.now()
  stage: Stage = 'SCHEDULING'
  message: string | null = null
  #startedAt = 0
  #endedAt = 0
  #container: Container | undefined
  readonly #owner: string

  constructor(body: RunBody, options: { owner: string; schedulingSeconds: number; execute: boolean }) {
    this.body = body
    this.#owner = options.owner
    setTimeout(() => this.#start(options.execute), options.schedulingSeconds * 1000).unref()
  }

  get isOver(): boolean {
    return ends.includes(this.stage)
  }

  say(line: string): void {
    this.log.add({ data: { data: line, timestamp: new Date().toISOString() } })
  }

  async finish(stage: Stage, message: string | null = null): Promise<void> {
    if (this.isOver) return
    this.stage = stage
    this.message = message
    this.#endedAt = Date.now()
    this.log.end()
    await this.#container?.remove()
  }

  /** As every answer shows it: the environment in clear, of the secrets their names only. */
  described(): Record<string, unknown> {
    const seconds = (from: number, to: number) =>
      from ? Math.round(((to || Date.now()) - from) / 1000) : null
    const iso = (time: number) => (time ? new Date(time).toISOString() : null)
    const { dockerImage, command, environment, secrets = {}, flavor, labels = {} } = this.body
    return {
      id: this.id,
      createdAt: iso(this.createdAt),
      startedAt: iso(this.#startedAt),
      finishedAt: iso(this.#endedAt),
      dockerImage,
      command,
      arguments: this.body.arguments,
      environment,
      secrets: Object.keys(secrets),
      flavor,
      labels,
      status: { stage: this.stage, message: this.message },
      durations: { runningSecs: seconds(this.#startedAt, this.#endedAt) },
      owner: { id: 'owner', name: this.#owner, type: 'user' },
      initiator: { type: 'user', id: 'owner' },
    }
  }

  #start(execute: boolean): void {
    if (this.isOver) return
    this.stage = 'RUNNING'
    this.#startedAt = Date.now()
    this.say(`===== Job started at ${new Date().toISOString().slice(0, 19).replace('T', ' ')} =====`)
    const timeoutSeconds = this.body.timeoutSeconds ?? defaultTimeoutSeconds
    setTimeout(
      () => this.finish('ERROR', 'Job timeout'),
      Math.min(timeoutSeconds * 1000, 2 ** 31 - 1),
    ).unref()
    if (!execute) return
    this.#container = new Container({
      command: this.body.command,
      environment: {
        ...this.body.environment,
        ...this.body.secrets,
        JOB_ID: this.id,
        ACCELERATOR: 'none',
      },
      mountPath: '/tmp',
      restarts: false,
      onStart() {},
      onLine: (line) => this.say(line),
      onEnd: (status) =>
        this.finish(
          status === 0 ? 'COMPLETED' : 'ERROR',
          status === 0 ? null : `Job failed with exit code: ${status}`,
        ),
    })
  }
}
