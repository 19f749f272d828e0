import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { inject } from 'vitest'
import type { z } from 'zod'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { followJobEvents } from '#lib/client/job-events.ts'
import type { Job, JobEvent, leaseRecordsSchema, orphansSchema } from '#lib/training/job.types.ts'
import { leaksIn } from '#tests/support/providers/leaks.ts'
import { quickLaunchers } from '#tests/support/providers/rented/quick-launchers.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { startSupabaseDouble } from '#tests/support/supabase/start-supabase-double.ts'
import { openFrontDoor } from './front-door.ts'
import { quickSettings } from './quick-settings.ts'
import { startApp, type TestApp } from './start-app.ts'

export interface LabOptions {
  settings?: Record<string, string>
  /** How long the launchers wait for an answer. */
  patienceSeconds?: number
  /** Without an address that machines can reach. */
  unreachable?: boolean
}

/** The application with a key to each provider, a dataset in its store, and a configuration to launch on each. */
export interface Lab {
  app: TestApp
  /** Speaks for the owner, who trains at this provider. */
  at(rented: RentedProvider): LabClient
  close(): Promise<void>
}

export interface LabClient {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  /** The deploy call, answered with any status. */
  deploy(body?: Record<string, unknown>, idempotencyKey?: string): Promise<Response>
  /** Launches, and answers the job's id. */
  launch(body?: Record<string, unknown>): Promise<string>
  job(id: string): Promise<Job>
  until(id: string, isSo: (job: Job) => boolean): Promise<Job>
  /** Waits for any of these states; fails at another end. */
  untilStatus(id: string, ...statuses: Job['status'][]): Promise<Job>
  cancel(id: string): Promise<Response>
  /** From the first one until this one, or until the job has ended. */
  events(id: string, isLast?: (event: JobEvent) => boolean): Promise<JobEvent[]>
  leases(id: string): Promise<z.infer<typeof leaseRecordsSchema>['leases']>
  orphans(): Promise<z.infer<typeof orphansSchema>['orphans']>
}

export async function startLab(rented: readonly RentedProvider[], options: LabOptions = {}): Promise<Lab> {
  const door = await openFrontDoor()
  const supabase = await startSupabaseDouble()
  const secretsKey = randomBytes(32).toString('base64')
  const app = await startApp({
    database: inject('postgres').url ? 'postgres' : 'embedded',
    settings: {
      ...(options.unreachable ? {} : { APP_BASE_URL: door.url }),
      SUPABASE_URL: supabase.url,
      SUPABASE_ANON_KEY: supabase.anonKey,
      SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
      SECRETS_KEY: secretsKey,
      ...quickSettings,
      ...Object.assign({}, ...rented.map(({ settings }) => settings)),
      ...options.settings,
    },
    makeLaunchers: (needs) => quickLaunchers(needs, options.patienceSeconds),
  })
  door.leadTo(app.url)
  const clients = new Map<RentedProvider, LabClient>()
  for (const one of rented)
    clients.set(one, await labClient(one, { baseUrl: app.url, token: app.ownerToken }))
  return {
    app,
    at: (one) => clients.get(one)!,
    async close() {
      await app.close()
      await supabase.close()
      await door.close()
      await Promise.all(rented.map((one) => one.close()))
      // Whatever a suite was about: nothing that was sent in it opens anything.
      expectNoLeaks(rented, [app.ownerToken, supabase.serviceRoleKey, secretsKey])
    },
  }
}

/** Every request to every provider, looked through for these secrets and for the keys of all providers. */
export function expectNoLeaks(rented: readonly RentedProvider[], secrets: readonly string[]): void {
  const leaks = rented.flatMap((one) => {
    const others = rented.filter((other) => other !== one).map(({ secret }) => secret.api_key)
    return leaksIn(one.seen, { key: one.secret, secrets: [...secrets, ...others] }).map(
      (leak) => `${one.label}: ${leak}`,
    )
  })
  if (leaks.length > 0) throw new Error(`Secrets were sent:\n${leaks.join('\n')}`)
}

export { quickSettings }

const patienceMilliseconds = 40_000

/** Puts in the key, uploads the dataset, and makes the configuration; then speaks for the owner. */
export async function labClient(
  rented: RentedProvider,
  api: ApiConnection & { token: string },
): Promise<LabClient> {
  const asOwner = (path: string, init: RequestInit = {}) =>
    fetch(`${api.baseUrl}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${api.token}`, ...(init.headers as Record<string, string>) },
    })
  const send: LabClient['send'] = (method, path, body, headers) =>
    asOwner(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json', ...headers },
    })
  const { provider: secretProvider, ...secret } = rented.secret
  await answered(await send('PUT', `/api/secrets/${secretProvider}`, secret), 200, 201)
  const form = new FormData()
  form.set('name', 'Kitchen assistant')
  form.set('storage_provider', rented.provider === 'sagemaker' ? 's3' : 'supabase')
  form.set('file', new Blob([await readFile('examples/kitchen-assistant.jsonl')]), 'kitchen-assistant.jsonl')
  const uploaded = await answered(await asOwner('/api/training/dataset', { method: 'POST', body: form }), 201)
  const datasetId = (uploaded as { dataset: { id: string } }).dataset.id
  const config = await answered(
    await send('POST', '/api/training/config', {
      name: `At ${rented.label}`,
      provider: rented.provider,
      base_model: 'Qwen/Qwen2.5-0.5B',
      method: 'sft',
      trainer: 'smoke',
      hyperparameters: { max_steps: 4, logging_steps: 1 },
      datasets: [{ dataset_id: datasetId }],
    }),
    201,
  )
  const { id: configId } = config as { id: string }

  const client: LabClient = {
    send,
    deploy: (body = {}, idempotencyKey) =>
      send(
        'POST',
        `/api/training/deploy/${rented.provider}`,
        { training_config_id: configId, ...rented.options, ...body },
        idempotencyKey ? { 'idempotency-key': idempotencyKey } : {},
      ),
    async launch(body) {
      const { job_id } = (await answered(await client.deploy(body), 202)) as { job_id: string }
      return job_id
    },
    job: async (id) => (await answered(await asOwner(`/api/training/jobs/${id}`), 200)) as Job,
    async until(id, isSo) {
      const deadline = Date.now() + patienceMilliseconds
      for (;;) {
        const job = await client.job(id)
        if (isSo(job)) return job
        if (Date.now() > deadline) throw new Error(`The job never came to it: ${JSON.stringify(job)}`)
        await wait(50)
      }
    },
    async untilStatus(id, ...statuses) {
      const job = await client.until(
        id,
        ({ status, ended_at }) => statuses.includes(status) || ended_at !== null,
      )
      if (!statuses.includes(job.status)) throw new Error(`The job ended: ${JSON.stringify(job)}`)
      return job
    },
    cancel: (id) => send('POST', `/api/training/jobs/${id}/cancel`, {}),
    async events(id, isLast) {
      const events: JobEvent[] = []
      const signal = AbortSignal.timeout(patienceMilliseconds)
      for await (const event of followJobEvents(api, id, { signal })) {
        events.push(event)
        if (isLast?.(event)) return events
      }
      if (isLast || signal.aborted) throw new Error(`It never came: ${JSON.stringify(events.slice(-20))}`)
      return events
    },
    async leases(id) {
      const body = await answered(await asOwner(`/api/training/jobs/${id}/leases`), 200)
      return (body as z.infer<typeof leaseRecordsSchema>).leases
    },
    async orphans() {
      const body = await answered(await asOwner('/api/training/orphans'), 200)
      return (body as z.infer<typeof orphansSchema>).orphans
    },
  }
  return client
}

async function answered(response: Response, ...statuses: number[]): Promise<unknown> {
  const text = await response.text()
  if (statuses.includes(response.status)) return JSON.parse(text)
  throw new Error(`${response.url} answered ${response.status}: ${text}`)
}
