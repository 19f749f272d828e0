import type { TakeTurn } from '#lib/db/provider-turns.ts'
import type { OpenedSecret } from '#lib/secrets/secret.types.ts'
import { listedMachines } from '#lib/training/cost/price-table.ts'
import { trainers } from '#lib/training/training-config.types.ts'
import { bootstrapOf, checkEnvironment } from '../bootstrap.ts'
import { cheapestFirst, keepOffers } from '../kept-offers.ts'
import type { Launched, Launcher, LaunchRequest, RunnerAccess } from '../launcher.ts'
import { invalidLaunch, parseOptions } from '../parse-options.ts'
import { keyMissing, launchFailure, type SecretOf } from '../provider-failure.ts'
import { apiAddress } from '../provider-http.ts'
import { isOurs, readStamp, stampOf } from '../stamp.ts'
import type { Instance } from './api-types.ts'
import { createLambdaClient, defaultPace, type LambdaClient, type LambdaPace } from './client.ts'
import { endInstance } from './end-instance.ts'
import { facts } from './facts.types.ts'
import { isLiving, launchInstance } from './launch-instance.ts'
import {
  candidatesOf,
  gpusOf,
  isGone,
  judgeInstance,
  lambda,
  lambdaFailure,
  offerOf,
  sshKeyMissing,
  typeCandidates,
} from './mapper.ts'
import { deployOptionsSchema } from './options.types.ts'
import { userDataOf, workDir } from './user-data.ts'

export interface LambdaLauncherOptions {
  deploymentId: string
  secretOf: SecretOf
  /** Keeps the account's pace over all processes. */
  takeTurn: TakeTurn
  /** With or without `/api/v1` at its end; Lambda's own where absent. */
  apiUrl?: string | undefined
  fetch?: typeof fetch
  pace?: LambdaPace
  /** Between two looks at an instance that is being terminated. */
  pollSeconds?: number
}

/** One list of the instances serves all jobs of an account for so long: it may be asked once a second. */
const listedSeconds = 3

/** On-demand instances of Lambda's Cloud API, on the user's own account. */
export function createLambdaLauncher(options: LambdaLauncherOptions): Launcher {
  const { deploymentId, secretOf, takeTurn, pace = defaultPace, pollSeconds = 3 } = options
  const baseUrl = apiAddress(options.apiUrl, 'https://cloud.lambda.ai', '/api/v1')
  const kept = keepOffers(listedMachines('lambda'))
  const lists = new Map<string, { at: number; instances: Promise<Instance[]> }>()

  /** Every call goes through here: the key is opened for it, and what fails is said in our words. */
  async function asking<T>(
    userId: string,
    work: (client: LambdaClient, secret: OpenedSecret) => Promise<T>,
  ): Promise<T> {
    try {
      const secret = await secretOf(userId)
      if (!secret) throw keyMissing(lambda)
      const client = createLambdaClient({
        baseUrl,
        apiKey: secret.apiKey,
        fetch: options.fetch ?? fetch,
        takeTurn,
        pace,
      })
      return await work(client, secret)
    } catch (error) {
      throw lambdaFailure(error)
    }
  }

  const offers = (userId: string, signal?: AbortSignal) =>
    kept.of(userId, async () => {
      const types = await asking(userId, (client) => client.types(signal))
      const now = new Date().toISOString()
      return cheapestFirst(types.map((type) => offerOf(type, now)).filter(({ gpu }) => gpu !== null))
    })

  async function launch(request: LaunchRequest, access: RunnerAccess): Promise<Launched> {
    const { job } = request
    const choice = deployOptionsSchema.parse(request.options)
    const boot = bootstrapOf(request, access, { workDir, keepAlive: false, gpus: gpusOf(choice) })
    try {
      return await asking(job.user_id, async (client, secret) => {
        const sshKeyName = secret.metadata.lambda?.ssh_key_name
        if (!sshKeyName) throw sshKeyMissing()
        const known = await client.types()
        const { id, candidate } = await launchInstance(client, {
          candidates: candidatesOf(choice, known),
          types: typeCandidates(choice),
          sshKeyName,
          name: stampOf(deploymentId, job.id),
          userData: userDataOf(boot),
        })
        const type = known.find(({ instance_type }) => instance_type.name === candidate.type)
        return {
          providerRef: id,
          machine: {
            id: candidate.type,
            usdPerHour: type ? type.instance_type.price_cents_per_hour / 100 : null,
            region: candidate.region,
          },
        }
      })
    } catch (error) {
      throw launchFailure(error, Object.values(boot.secrets))
    } finally {
      lists.delete(job.user_id)
    }
  }

  function listed(userId: string, client: LambdaClient): Promise<Instance[]> {
    const last = lists.get(userId)
    if (last && Date.now() - last.at < listedSeconds * 1000) return last.instances
    const instances = client.list()
    lists.set(userId, { at: Date.now(), instances })
    instances.catch(() => lists.delete(userId))
    return instances
  }

  const end = async (userId: string, id: string) => {
    await asking(userId, (client) => endInstance(client, id, pollSeconds))
    lists.delete(userId)
  }

  const listOurs = async (userId: string, jobId?: string) =>
    (await asking(userId, (client) => client.list())).filter(isLiving).flatMap((instance) => {
      const stamp = readStamp(instance.name ?? '')
      if (!stamp || !isOurs(stamp, deploymentId) || (jobId && stamp.jobId !== jobId)) return []
      const type = instance.instance_type
      return [
        {
          providerRef: instance.id,
          name: instance.name!,
          createdAt: null,
          usdPerHour: type ? type.price_cents_per_hour / 100 : null,
          machine: type ? { id: type.name, region: instance.region?.name ?? null } : null,
        },
      ]
    })

  return {
    provider: 'lambda',
    capabilities: facts.capabilities,
    offers,
    launch,
    end,
    listOurs,
    logs: async () => null,
    trainers: async () => trainers.map((trainer) => ({ trainer, available: true, reason: null })),

    async lacks(userId) {
      const secret = await secretOf(userId)
      if (!secret) return keyMissing(lambda)
      return secret.metadata.lambda?.ssh_key_name ? null : sshKeyMissing()
    },

    async validate({ job, options: chosen, environment }) {
      const choice = parseOptions('Lambda', deployOptionsSchema, chosen)
      checkEnvironment(environment)
      userDataOf({ command: ['sh', '-c', ''], environment: {}, secrets: { ...environment } })
      const known = await offers(job.user_id)
      if (known[0]?.priceSource !== 'provider') return
      const unknown = typeCandidates(choice).filter((type) => !known.some(({ id }) => id === type))
      if (unknown.length > 0) {
        const message = `Lambda has no ${unknown.join(', ')}. It has ${known.map(({ id }) => id).join(', ')}.`
        throw invalidLaunch('Lambda', [{ field: 'instance_type', message }])
      }
    },

    async inspect(job) {
      const id = job.provider_ref
      if (!id) return { state: 'unknown' }
      return asking(job.user_id, async (client) => {
        const fromList = (await listed(job.user_id, client)).find((instance) => instance.id === id)
        // The list may be older than the instance: one that is not in it is asked about by itself.
        const instance =
          fromList ??
          (await client.get(id).catch((error: unknown) => {
            if (isGone(error)) return null
            throw error
          }))
        if (instance) return judgeInstance(instance, job, Date.now())
        const error = { code: 'machine_gone', message: 'Lambda no longer has the instance.' }
        return { state: 'gone', outcome: { status: 'lost', error } }
      })
    },

    async cancel(job) {
      const stamped = await listOurs(job.user_id, job.id)
      const ids = new Set([job.provider_ref, ...stamped.map(({ providerRef }) => providerRef)])
      for (const id of ids) if (id) await end(job.user_id, id)
    },
  }
}
