import type { SecretMetadata } from '#lib/secrets/secret.types.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { LaunchRequest, RunnerAccess } from '#lib/training/launchers/launcher.ts'
import type { SecretOf } from '#lib/training/launchers/provider-failure.ts'
import { readRunnerFile } from '#lib/training/launchers/runner-file.ts'
import type { Trainer, TrainingProvider } from '#lib/training/training-config.types.ts'
import { sampleJob } from './sample-launch.ts'

export interface LaunchWishes {
  provider: TrainingProvider
  options?: Record<string, unknown>
  environment?: Record<string, string>
  trainer?: Trainer
  job?: Partial<Job>
}

/** A job as it is when its launch is due, with an owner of its own. */
export function aJob({ provider, trainer = 'trl', job }: LaunchWishes): Job {
  const plain = sampleJob(provider)
  const now = new Date().toISOString()
  return {
    ...plain,
    user_id: crypto.randomUUID(),
    config: { ...plain.config, trainer },
    created_at: now,
    updated_at: now,
    ...job,
  }
}

export function aLaunch(wishes: LaunchWishes): LaunchRequest {
  return {
    job: aJob(wishes),
    options: wishes.options ?? {},
    environment: wishes.environment ?? {},
    maxRuntimeSeconds: 3600,
    datasets: [],
  }
}

/** What a runner is given, with things in it that are easy to find again in a request. */
export function anAccess(changes: Partial<RunnerAccess> = {}): RunnerAccess {
  return {
    token: `job_${crypto.randomUUID().replaceAll('-', '')}`,
    baseUrl: 'https://lab.example.com',
    runner: { url: 'https://lab.example.com/api/runner.py', sha256: readRunnerFile().sha256 },
    dataset: {
      url: `https://store.example.com/d.jsonl.gz?signature=${crypto.randomUUID()}`,
      sha256: 'a'.repeat(64),
    },
    ...changes,
  }
}

/** The vault of a suite: one key for everybody. */
export function aSecret(apiKey: string, metadata: SecretMetadata = {}): SecretOf {
  return async () => ({ provider: 'runpod', apiKey, metadata })
}
