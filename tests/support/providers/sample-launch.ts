import { randomUUID } from 'node:crypto'
import type { Job } from '#lib/training/job.types.ts'
import type { DatasetPlace, LaunchRequest, RunnerAccess } from '#lib/training/launchers/launcher.ts'
import { defaultHyperparameters, type TrainingProvider } from '#lib/training/training-config.types.ts'

export const sampleUser = 'aaaaaaaa-0000-4000-8000-000000000001'

export function sampleJob(provider: TrainingProvider, changes: Partial<Job> = {}): Job {
  const now = '2026-11-24T12:00:00.000Z'
  const config = {
    id: randomUUID(),
    user_id: sampleUser,
    name: 'A training',
    description: null,
    provider,
    base_model: 'Qwen/Qwen2.5-0.5B',
    method: 'sft' as const,
    trainer: 'trl' as const,
    hyperparameters: defaultHyperparameters,
    datasets: [],
    created_at: now,
    updated_at: now,
  }
  return {
    id: randomUUID(),
    user_id: sampleUser,
    training_config_id: config.id,
    name: 'A training',
    provider,
    status: 'launching',
    provider_ref: null,
    config,
    datasets: [],
    progress: null,
    metrics: null,
    cost: { estimated: null, so_far: null, budget_limit: null },
    error: null,
    cancel_requested_at: null,
    last_heartbeat_at: null,
    max_runtime_seconds: 3600,
    options: {},
    detached: false,
    machine: null,
    billed_from: null,
    billed_until: null,
    result_path: null,
    created_at: now,
    started_at: null,
    ended_at: null,
    updated_at: now,
    ...changes,
  } as Job
}

export function s3Place(changes: Partial<DatasetPlace> = {}): DatasetPlace {
  const datasetId = changes.datasetId ?? randomUUID()
  return {
    datasetId,
    location: { bucket: 'data-of-mine', region: 'us-east-1', endpoint: null },
    key: `${sampleUser}/datasets/${datasetId}.jsonl.gz`,
    sizeBytes: 1_000_000,
    ...changes,
  }
}

export function sampleLaunch(
  provider: TrainingProvider,
  changes: Partial<LaunchRequest> = {},
): LaunchRequest {
  return {
    job: sampleJob(provider),
    options: {},
    environment: {},
    maxRuntimeSeconds: 3600,
    datasets: [s3Place()],
    ...changes,
  }
}

export function sampleAccess(changes: Partial<RunnerAccess> = {}): RunnerAccess {
  return {
    token: 'ftl_job_0123456789abcdefghijklmnopqrstuvwxyz',
    baseUrl: 'https://lab.example.org',
    runner: { url: 'https://lab.example.org/api/runner.py', sha256: 'a'.repeat(64) },
    dataset: { url: 'https://store.example.org/x?X-Amz-Signature=signed-link', sha256: 'b'.repeat(64) },
    ...changes,
  }
}
