import { listedMachines } from '#lib/training/cost/price-table.ts'
import { trainers } from '#lib/training/training-config.types.ts'
import { bootstrapOf, checkEnvironment } from '../bootstrap.ts'
import { outcomeInLog } from '../detached-news.ts'
import { cheapestFirst, keepOffers } from '../kept-offers.ts'
import type { Launched, Launcher, LaunchRequest } from '../launcher.ts'
import { invalidLaunch, parseOptions } from '../parse-options.ts'
import { keyMissing, launchFailure, type SecretOf } from '../provider-failure.ts'
import { apiAddress } from '../provider-http.ts'
import { isOurs, readStamp, stampOf } from '../stamp.ts'
import type { Pod } from './api-types.ts'
import { createRunPodClient, type RunPodClient } from './client.ts'
import { createPod } from './create-pod.ts'
import { endPod, isGone } from './end-pod.ts'
import { facts } from './facts.types.ts'
import {
  gpuCandidates,
  judgePod,
  lost,
  offerOf,
  podRequest,
  present,
  runPod,
  runPodFailure,
  volumePath,
} from './mapper.ts'
import { deployOptionsSchema } from './options.types.ts'
import { readPodLog, tailMax } from './pod-log.ts'

export interface RunPodLauncherOptions {
  deploymentId: string
  secretOf: SecretOf
  /** With or without `/v2` at its end; RunPod's own where absent. */
  apiUrl?: string | undefined
  fetch?: typeof fetch
  /** Between two looks at a pod that is being terminated. */
  pollSeconds?: number
}

/** "RunPod's documentation: at most 50 variables." */
const variablesMax = 50
/** 13 that the bootstrap sets, 14 when the runner travels along, and one to grow. */
const variablesOfOurs = 15

/** Pods of RunPod's REST API v2, on the user's own account. */
export function createRunPodLauncher(options: RunPodLauncherOptions): Launcher {
  const { deploymentId, secretOf, pollSeconds = 2 } = options
  const baseUrl = apiAddress(options.apiUrl, 'https://api.runpod.io', '/v2')
  const kept = keepOffers(listedMachines('runpod'))

  /** Every call goes through here: the key is opened for it, and what fails is said in our words. */
  async function asking<T>(userId: string, work: (client: RunPodClient) => Promise<T>): Promise<T> {
    try {
      const secret = await secretOf(userId)
      if (!secret) throw keyMissing(runPod)
      return await work(createRunPodClient({ baseUrl, apiKey: secret.apiKey, fetch: options.fetch ?? fetch }))
    } catch (error) {
      throw runPodFailure(error)
    }
  }

  const offers = (userId: string, signal?: AbortSignal) =>
    kept.of(userId, async () => {
      const gpus = await asking(userId, (client) => client.listGpus(signal))
      const now = new Date().toISOString()
      return cheapestFirst(gpus.filter(({ secure }) => secure).map((gpu) => offerOf(gpu, now)))
    })

  async function launch(
    request: LaunchRequest,
    access: Parameters<Launcher['launch']>[1],
  ): Promise<Launched> {
    const { job } = request
    const choice = deployOptionsSchema.parse(request.options)
    const boot = bootstrapOf(request, access, {
      workDir: `${volumePath}/finetunelab-${job.id}`,
      keepAlive: true,
      gpus: choice.gpu_count,
    })
    const name = stampOf(deploymentId, job.id)
    const candidates = gpuCandidates(choice).map((gpu) => podRequest(name, choice, gpu, boot))
    try {
      const pod = await asking(job.user_id, (client) => createPod(client, candidates))
      return { providerRef: pod.id, machine: await machineOf(job.user_id, pod, choice.gpu_count) }
    } catch (error) {
      throw launchFailure(error, Object.values(boot.secrets))
    }
  }

  async function machineOf(userId: string, pod: Pod, count: number): Promise<Launched['machine']> {
    if (!pod.gpu) return null
    const price = (await offers(userId)).find(({ id }) => id === pod.gpu?.id)?.usdPerHour
    return {
      id: pod.gpu.id,
      usdPerHour: pod.cost || (price ? price * count : null),
      region: pod.dataCenterId ?? null,
    }
  }

  const end = (userId: string, podId: string) =>
    asking(userId, (client) => endPod(client, podId, pollSeconds))

  async function listOurs(userId: string, jobId?: string) {
    const pods = await asking(userId, (client) => client.listPods())
    return pods
      .filter(({ name, status }) => {
        const stamp = readStamp(name)
        const isMeant = stamp && isOurs(stamp, deploymentId) && (!jobId || stamp.jobId === jobId)
        return isMeant && status !== 'TERMINATED'
      })
      .map((pod) => ({
        providerRef: pod.id,
        name: pod.name,
        createdAt: pod.createdAt ?? null,
        usdPerHour: pod.cost ?? null,
        machine: pod.gpu ? { id: pod.gpu.id, region: pod.dataCenterId ?? null } : null,
      }))
  }

  return {
    provider: 'runpod',
    capabilities: facts.capabilities,
    offers,
    launch,
    end,
    listOurs,
    lacks: async (userId) => ((await secretOf(userId)) ? null : keyMissing(runPod)),
    trainers: async () => trainers.map((trainer) => ({ trainer, available: true, reason: null })),

    async validate({ job, options: chosen, environment }) {
      const choice = parseOptions('RunPod', deployOptionsSchema, chosen)
      checkEnvironment(environment)
      if (Object.keys(environment).length > variablesMax - variablesOfOurs) {
        const message = `at most ${variablesMax - variablesOfOurs}: RunPod takes ${variablesMax}, with ours`
        throw invalidLaunch('RunPod', [{ field: 'environment_variables', message }])
      }
      const known = await offers(job.user_id)
      if (known[0]?.priceSource !== 'provider') return
      const unknown = gpuCandidates(choice).filter((gpu) => !known.some(({ id }) => id === gpu))
      if (unknown.length > 0) {
        const message = `RunPod has no ${unknown.join(', ')}. It has ${known.map(({ id }) => id).join(', ')}.`
        throw invalidLaunch('RunPod', [{ field: 'gpu_type', message }])
      }
    },

    async inspect(job) {
      const podId = job.provider_ref
      if (!podId) return { state: 'unknown' }
      return asking(job.user_id, async (client) => {
        const pod = await client.getPod(podId).catch((error: unknown) => {
          if (isGone(error)) return null
          throw error
        })
        if (!pod) return { state: 'gone', outcome: lost('machine_gone', 'RunPod no longer has the pod.') }
        const judged = judgePod(pod, job, Date.now())
        if (judged !== 'quiet') return judged
        // Nobody has heard from it: a detached job says its end in the log only.
        const log = await readPodLog(client, podId, null, 100).catch(() => null)
        const outcome = outcomeInLog(log?.lines.map(({ line }) => line) ?? [])
        return outcome ? { state: 'spent', outcome, replaceable: false } : present(pod, 'running')
      })
    },

    async cancel(job) {
      const stamped = await listOurs(job.user_id, job.id)
      const ids = new Set([job.provider_ref, ...stamped.map(({ providerRef }) => providerRef)])
      for (const id of ids) if (id) await end(job.user_id, id)
    },

    async logs(job, cursor) {
      const podId = job.provider_ref
      if (!podId) return null
      // The log's endpoint has been seen to fail for weeks: what the runner sends is the log, this one is an addition.
      return asking(job.user_id, (client) => readPodLog(client, podId, cursor, tailMax)).catch(() => null)
    },
  }
}
