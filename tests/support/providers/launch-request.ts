import type { Job } from '#lib/training/job.types.ts'
import type { LaunchRequest, RunnerAccess } from '#lib/training/launchers/launcher.ts'
import { readRunnerFile } from '#lib/training/launchers/runner-file.ts'
import {
  defaultHyperparameters,
  type Trainer,
  type TrainingProvider,
} from '#lib/training/training-config.types.ts'

export interface LaunchWishes {
  provider: TrainingProvider
  options?: Record<string, unknown>
  environment?: Record<string, string>
  trainer?: Trainer
  job?: Partial<Job>
}

/** A job as it is when its launch is due, with an owner of its own. */
export function aJob({ provider, trainer = 'trl', job }: LaunchWishes): Job {
  const now = new Date().toISOString()
  const user_id = crypto.randomUUID()
  const id = crypto.randomUUID()
  return {
    id,
    user_id,
    training_config_id: null,
    name: 'Kitchen assistant',
    provider,
    status: 'launching',
    provider_ref: null,
    config: {
      id,
      user_id,
      name: 'Kitchen assistant',
      description: null,
      provider,
      base_model: 'Qwen/Qwen2.5-0.5B',
      method: 'sft',
      trainer,
      hyperparameters: defaultHyperparameters,
      datasets: [],
      created_at: now,
      updated_at: now,
    },
    datasets: [],
    progress: null,
    metrics: null,
    cost: { estimated: null, so_far: null, budget_limit: null },
    error: null,
    cancel_requested_at: null,
    last_heartbeat_at: null,
    max_runtime_seconds: 3600,
    result_path: null,
    created_at: now,
    started_at: null,
    ended_at: null,
    updated_at: now,
    ...job,
  } as Job
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
export function aSecret(apiKey: string, metadata: Record<string, unknown> = {}) {
  return async () => ({ provider: 'runpod' as const, apiKey, metadata })
}
