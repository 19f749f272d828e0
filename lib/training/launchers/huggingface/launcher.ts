import { invalid } from '#lib/errors/app-error.ts'
import type { OpenedSecret } from '#lib/secrets/secret.types.ts'
import { listedMachines } from '#lib/training/cost/price-table.ts'
import type { Job } from '#lib/training/job.types.ts'
import { trainers } from '#lib/training/training-config.types.ts'
import { bootstrapOf, checkEnvironment } from '../bootstrap.ts'
import { outcomeInLog } from '../detached-news.ts'
import { cheapestFirst, keepOffers } from '../kept-offers.ts'
import type { Inspection, Launched, Launcher, LaunchRequest, RunnerAccess } from '../launcher.ts'
import { invalidLaunch, parseOptions } from '../parse-options.ts'
import { patiently } from '../patiently.ts'
import { keyMissing, launchFailure, type SecretOf } from '../provider-failure.ts'
import { apiAddress } from '../provider-http.ts'
import { isOurs, readStamp, stampOf } from '../stamp.ts'
import { createHubClient, type HubClient } from './client.ts'
import { endJob, isGone } from './end-job.ts'
import { facts } from './facts.types.ts'
import { readJobLog, readLastLines } from './job-log.ts'
import {
  deploymentIn,
  deploymentLabel,
  hubFailure,
  huggingFace,
  isOver,
  judgeJob,
  offerOf,
  runRequest,
} from './mapper.ts'
import { deployOptionsSchema } from './options.types.ts'

export interface HuggingFaceLauncherOptions {
  deploymentId: string
  secretOf: SecretOf
  /** With or without `/api` at its end; the Hub's own where absent. */
  apiUrl?: string | undefined
  fetch?: typeof fetch
  /** Between two looks at a job that is being cancelled. */
  pollSeconds?: number
}

/** Jobs of the Hugging Face Hub, in the account of the user's token or in the organisation that is named beside it. */
export function createHuggingFaceLauncher(options: HuggingFaceLauncherOptions): Launcher {
  const { deploymentId, secretOf, pollSeconds = 2 } = options
  const baseUrl = apiAddress(options.apiUrl, 'https://huggingface.co', '/api')
  const kept = keepOffers(listedMachines('huggingface'))

  /** Every call goes through here: the token is opened for it, and what fails is said in our words. */
  async function asking<T>(
    userId: string,
    work: (client: HubClient, secret: OpenedSecret) => Promise<T>,
  ): Promise<T> {
    try {
      const secret = await secretOf(userId)
      if (!secret) throw keyMissing(huggingFace)
      const client = createHubClient({ baseUrl, apiKey: secret.apiKey, fetch: options.fetch ?? fetch })
      return await work(client, secret)
    } catch (error) {
      throw hubFailure(error)
    }
  }

  const namespaceOf = async (client: HubClient, { metadata }: OpenedSecret) =>
    metadata.huggingface?.username || (await client.whoami())

  const offers = (userId: string, signal?: AbortSignal) =>
    kept.of(userId, async () => {
      const hardware = await asking(userId, (client) => client.hardware(signal))
      const now = new Date().toISOString()
      const all = cheapestFirst(hardware.map((item) => offerOf(item, now)))
      // Flavors without a GPU come last, however cheap: they are for trying things out.
      return [...all.filter(({ gpu }) => gpu), ...all.filter(({ gpu }) => !gpu)]
    })

  const flavorOf = async (userId: string, flavor: string) =>
    (await offers(userId)).find(({ id }) => id === flavor)

  async function launch(request: LaunchRequest, access: RunnerAccess): Promise<Launched> {
    const { job } = request
    const choice = deployOptionsSchema.parse(request.options)
    const offer = await flavorOf(job.user_id, choice.flavor)
    const boot = bootstrapOf(request, access, {
      workDir: `/tmp/finetunelab-${job.id}`,
      keepAlive: false,
      gpus: offer?.gpu?.count ?? (choice.flavor.startsWith('cpu-') ? 0 : 1),
    })
    const body = runRequest(stampOf(deploymentId, job.id), choice, boot, request.maxRuntimeSeconds)
    try {
      return await asking(job.user_id, async (client, secret) => {
        const namespace = await namespaceOf(client, secret)
        const { id } = await patiently(() => client.run(namespace, body))
        return {
          providerRef: `${namespace}/${id}`,
          machine: { id: choice.flavor, usdPerHour: offer?.usdPerHour ?? null, region: null },
        }
      })
    } catch (error) {
      throw launchFailure(error, Object.values(boot.secrets))
    }
  }

  const listOurs = (userId: string, jobId?: string) =>
    asking(userId, async (client, secret) => {
      const namespace = await namespaceOf(client, secret)
      const label = `${deploymentLabel}=${deploymentIn(stampOf(deploymentId, ''))}`
      // Of all that run the pages shift when one of them ends; those of one name fit on a page.
      const filters = jobId
        ? [{ label: `name=${stampOf(deploymentId, jobId)}` }]
        : ['SCHEDULING', 'RUNNING'].map((stage) => ({ stage, label }))
      const found = new Map<string, Awaited<ReturnType<Launcher['listOurs']>>[number]>()
      for (const filter of filters) {
        for await (const hub of client.list(namespace, filter)) {
          const name = hub.labels?.name ?? ''
          const stamp = readStamp(name)
          if (!stamp || !isOurs(stamp, deploymentId) || isOver(hub)) continue
          const providerRef = `${namespace}/${hub.id}`
          found.set(providerRef, {
            providerRef,
            name,
            createdAt: hub.createdAt ?? null,
            usdPerHour: hub.flavor ? ((await flavorOf(userId, hub.flavor))?.usdPerHour ?? null) : null,
            machine: hub.flavor ? { id: hub.flavor, region: null } : null,
          })
        }
      }
      return [...found.values()]
    })

  const end = (userId: string, providerRef: string) =>
    asking(userId, (client) => endJob(client, parsedRef(providerRef), pollSeconds))

  /**
   * The runner's own words are better than "the job ended with an error"; of a detached job they alone say where its
   * result lies.
   */
  async function withOwnWords(
    client: HubClient,
    ref: HubRef,
    job: Job,
    inspection: Inspection,
  ): Promise<Inspection> {
    if (inspection.state !== 'gone') return inspection
    const succeeded = inspection.outcome?.status === 'succeeded'
    const hasMoreToSay = inspection.outcome?.error?.code === 'machine_failed' || (succeeded && job.detached)
    if (!hasMoreToSay) return inspection
    const lines = await readLastLines(client, ref).catch(() => [])
    const said = outcomeInLog(lines.map(({ line }) => line))
    return said && (said.status === 'succeeded') === succeeded ? { ...inspection, outcome: said } : inspection
  }

  return {
    provider: 'huggingface',
    capabilities: facts.capabilities,
    offers,
    launch,
    listOurs,
    end,
    lacks: async (userId) => ((await secretOf(userId)) ? null : keyMissing(huggingFace)),
    trainers: async () => trainers.map((trainer) => ({ trainer, available: true, reason: null })),

    async validate({ job, options: chosen, environment }) {
      const { flavor } = parseOptions('Hugging Face', deployOptionsSchema, chosen)
      checkEnvironment(environment)
      const known = await offers(job.user_id)
      if (known[0]?.priceSource !== 'provider' || known.some(({ id }) => id === flavor)) return
      const message = `Hugging Face has no ${flavor}. It has ${known.map(({ id }) => id).join(', ')}.`
      throw invalidLaunch('Hugging Face', [{ field: 'flavor', message }])
    },

    async inspect(job) {
      if (!job.provider_ref) return { state: 'unknown' }
      const ref = parsedRef(job.provider_ref)
      return asking(job.user_id, async (client) => {
        const hub = await client.get(ref.namespace, ref.id).catch((error: unknown) => {
          if (isGone(error)) return null
          throw error
        })
        if (!hub) {
          const error = { code: 'machine_gone', message: 'Hugging Face no longer has the job.' }
          return { state: 'gone', outcome: { status: 'lost', error } }
        }
        return withOwnWords(
          client,
          ref,
          job,
          judgeJob(hub, job, job.machine?.usd_per_hour ?? null, Date.now()),
        )
      })
    },

    async cancel(job) {
      const stamped = await listOurs(job.user_id, job.id)
      const refs = new Set([job.provider_ref, ...stamped.map(({ providerRef }) => providerRef)])
      for (const ref of refs) if (ref) await end(job.user_id, ref)
    },

    async logs(job: Job, cursor) {
      if (!job.provider_ref) return null
      const ref = parsedRef(job.provider_ref)
      // What the runner sends is the log, this one is an addition.
      return asking(job.user_id, (client) => readJobLog(client, ref, cursor)).catch(() => null)
    },
  }
}

interface HubRef {
  namespace: string
  id: string
}

/** The namespace is part of the name: the token's account may be another one by the time it is asked. */
function parsedRef(providerRef: string): HubRef {
  const at = providerRef.indexOf('/')
  if (at < 1) throw invalid('invalid_provider_ref', `${providerRef} is no job of Hugging Face`)
  return { namespace: providerRef.slice(0, at), id: providerRef.slice(at + 1) }
}
