import { setTimeout as pause } from 'node:timers/promises'
import { isAppError, transient } from '#lib/errors/app-error.ts'
import type { OpenedSecret } from '#lib/secrets/secret.types.ts'
import type { StorageLocation, StorageService } from '#lib/storage/storage-service.ts'
import { listedMachines, priceOf } from '#lib/training/cost/price-table.ts'
import type { Job } from '#lib/training/job.types.ts'
import { trainers } from '#lib/training/training-config.types.ts'
import type { Inspection, Launcher, LaunchRequest, StampedMachine } from '../launcher.ts'
import { readRunnerFile } from '../runner-file.ts'
import { isOurs, readStamp, stampOf, stampPrefix } from '../stamp.ts'
import { type AwsAccount, awsMissing, lackOf, readAccount } from './account.ts'
import type { SageMakerApi, TrainingJob } from './api-types.ts'
import { checkAccess, checkLaunch } from './check-launch.ts'
import { checkOwner } from './check-owner.ts'
import { isNameTaken, sageMakerError } from './errors.ts'
import { facts } from './facts.types.ts'
import { filesToPut, jobFilesOf } from './job-files.ts'
import { readLogs } from './logs.ts'
import { inspectionOf, trainingJobRequest } from './mapper.ts'

export interface SageMakerLauncherOptions {
  deploymentId: string
  secretOf(userId: string): Promise<OpenedSecret | null>
  /** A user's bucket, with that user's keys. */
  openBucket(userId: string, location: StorageLocation): Promise<StorageService>
  /** Another address for AWS: SageMaker, its logs and the identity of the keys; Amazon's own where absent. */
  apiUrl?: string | undefined
  /** How often, and how long, the end of a stopped training is waited for. */
  pollSeconds?: number
  stopPatienceMilliseconds?: number
}

const firstPollMilliseconds = 500

/**
 * Runs a job as a SageMaker training job that has the stamp for its name. The data comes by S3 channels and never by a
 * link; the runner lies in a channel beside it. SageMaker ends the training at its maximum runtime and says why it ended.
 */
export function createSageMakerLauncher(options: SageMakerLauncherOptions): Launcher {
  const { deploymentId, secretOf, openBucket } = options
  const endpoint = options.apiUrl ?? null
  const pollMilliseconds = (options.pollSeconds ?? 5) * 1000
  // SageMaker gives a training 120 s to save, and uploads what it has saved.
  const stopPatienceMilliseconds = options.stopPatienceMilliseconds ?? 240_000

  async function accountOf(userId: string): Promise<AwsAccount> {
    const secret = await secretOf(userId)
    if (!secret) throw awsMissing()
    return readAccount(secret)
  }

  /** Opens the user's keys for these calls and names what they throw. */
  async function withApi<T>(
    userId: string,
    use: (api: SageMakerApi, account: AwsAccount) => Promise<T>,
    region?: string | null,
  ): Promise<T> {
    const own = await accountOf(userId)
    const account = region ? { ...own, region } : own
    // Amazon's clients take a quarter of a second to read: only those wait for it who train there.
    const { createSageMakerApi } = await import('./client.ts')
    const api = createSageMakerApi(account, endpoint)
    try {
      return await use(api, account)
    } catch (error) {
      throw sageMakerError(error)
    } finally {
      api.close()
    }
  }

  async function checked(launch: LaunchRequest, account: AwsAccount) {
    const lack = lackOf(account)
    if (lack) throw lack
    return checkLaunch(launch, account, { anyStore: endpoint !== null })
  }

  /** Asks in the region that a job runs in, whatever the secret names by now: elsewhere it would look gone. */
  const withApiOf = <T>(job: Job, use: (api: SageMakerApi) => Promise<T>): Promise<T> =>
    withApi(job.user_id, use, job.machine?.region)

  async function stopAndWait(api: SageMakerApi, name: string): Promise<void> {
    await api.stopTrainingJob(name)
    const deadline = Date.now() + stopPatienceMilliseconds
    for (let wait = firstPollMilliseconds; isAlive(await api.describeTrainingJob(name)); wait *= 2) {
      if (Date.now() > deadline)
        throw transient('still_stopping', 'SageMaker is still stopping the training', `Its name is ${name}.`)
      await pause(Math.min(wait, pollMilliseconds))
    }
  }

  return {
    provider: 'sagemaker',
    capabilities: facts.capabilities,

    async lacks(userId) {
      const secret = await secretOf(userId)
      if (!secret) return awsMissing()
      try {
        return lackOf(readAccount(secret))
      } catch (error) {
        if (isAppError(error)) return error
        throw error
      }
    },

    async offers(userId) {
      // Nothing is asked for: the list is the same for a person who has no key yet.
      const secret = await secretOf(userId)
      const regions = secret ? [readAccount(secret).region] : []
      return listedMachines('sagemaker').map((machine) => ({ ...machine, regions }))
    },

    async validate(launch) {
      await withApi(launch.job.user_id, async (api, account) => {
        await checked(launch, account)
        await checkOwner(api, account, { atAmazon: endpoint === null })
      })
    },

    async launch(launch, access) {
      return withApi(launch.job.user_id, async (api, account) => {
        const choice = await checked(launch, account)
        checkAccess(launch, access.baseUrl)
        const runner = readRunnerFile()
        const files = jobFilesOf(launch)
        const bucket = await openBucket(launch.job.user_id, launch.datasets[0]!.location)
        const put = filesToPut(launch, files, runner.bytes)
        await Promise.all(put.map(({ key, content }) => bucket.put(key, onePiece(content))))
        const name = stampOf(deploymentId, launch.job.id)
        const request = trainingJobRequest({
          name,
          launch,
          access,
          options: choice,
          account,
          files,
          runnerSha256: runner.sha256,
        })
        try {
          await api.createTrainingJob(request)
        } catch (error) {
          // A request of ours whose answer was lost: the name is the job's, so what has it is this job.
          if (!isNameTaken(error)) {
            const named = sageMakerError(error)
            if (isAppError(named) && named.kind !== 'transient')
              await Promise.allSettled(put.map(({ key }) => bucket.delete(key)))
            throw named
          }
        }
        const usdPerHour = priceOf('sagemaker', choice.instance_type)
        return {
          providerRef: name,
          machine: { id: choice.instance_type, usdPerHour, region: account.region },
        }
      })
    },

    async inspect(job): Promise<Inspection> {
      try {
        const found = await withApiOf(job, (api) => api.describeTrainingJob(nameOf(deploymentId, job)))
        return inspectionOf(found, priceOf('sagemaker', found?.ResourceConfig?.InstanceType ?? ''))
      } catch (error) {
        if (isAppError(error) && error.kind === 'transient') return { state: 'unknown' }
        throw error
      }
    },

    cancel: (job) => withApiOf(job, (api) => stopAndWait(api, nameOf(deploymentId, job))),
    end: (userId, providerRef) => withApi(userId, (api) => stopAndWait(api, providerRef)),

    /** What has ended bills no more and is not listed, though AWS remembers it for ever. */
    async listOurs(userId, jobId) {
      return withApi(userId, async (api) => {
        const machines: StampedMachine[] = []
        for (const status of ['InProgress', 'Stopping'] as const) {
          for await (const { TrainingJobName: name, CreationTime } of api.listTrainingJobs(
            jobId ? stampOf(deploymentId, jobId) : stampPrefix(deploymentId),
            status,
          )) {
            const stamp = readStamp(name)
            if (!stamp || !isOurs(stamp, deploymentId)) continue
            machines.push({
              providerRef: name,
              name,
              createdAt: CreationTime?.toISOString() ?? null,
              // The list tells neither; a look at the training does.
              usdPerHour: null,
              machine: null,
            })
          }
        }
        return machines
      })
    },

    async logs(job, cursor) {
      return withApiOf(job, (api) => readLogs(api, nameOf(deploymentId, job), cursor))
    },

    trainers: async () => trainers.map((trainer) => ({ trainer, available: true, reason: null })),
  }
}

const nameOf = (deploymentId: string, job: Job) => job.provider_ref ?? stampOf(deploymentId, job.id)

function isAlive(job: TrainingJob | null): boolean {
  return job !== null && (job.TrainingJobStatus === 'InProgress' || job.TrainingJobStatus === 'Stopping')
}

async function* onePiece(content: string | Uint8Array): AsyncIterable<Uint8Array> {
  yield typeof content === 'string' ? new TextEncoder().encode(content) : content
}
