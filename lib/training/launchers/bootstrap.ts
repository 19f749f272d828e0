import { gzipSync } from 'node:zlib'
import { invalid } from '#lib/errors/app-error.ts'
import { problemOfVariable, variableCharactersMax } from '#lib/training/environment-variables.types.ts'
import { bootstrapScript } from './bootstrap-script.ts'
import type { LaunchRequest, RunnerAccess } from './launcher.ts'
import { readRunnerFile } from './runner-file.ts'

export interface BootstrapNeeds {
  /** Where the runner keeps everything: the disk that outlives a restart, where there is one. */
  workDir: string
  /** For providers that start a container again as soon as it ends. */
  keepAlive: boolean
  /** So many GPUs the machine must have, and they must work; 0 for a machine without. */
  gpus: number
}

/** What a machine is started with. `environment` may be read by whoever may read the machine's description. */
export interface Bootstrap {
  /** Runs the script that is in the environment; no shell reads anything else. */
  command: readonly ['sh', '-c', string]
  environment: Record<string, string>
  /** Links, the job's token, and what the person set: for the provider's secret store, where it has one. */
  secrets: Record<string, string>
}

const bootCommand = 'eval "$(printf %s "$FINETUNELAB_BOOTSTRAP" | base64 -d)"'
/** The bootstrap of one launch; a detached one carries the runner and the configuration with it. */
export function bootstrapOf(
  { job, environment }: LaunchRequest,
  access: RunnerAccess,
  { workDir, keepAlive, gpus }: BootstrapNeeds,
): Bootstrap {
  return {
    command: ['sh', '-c', bootCommand],
    environment: {
      FINETUNELAB_BOOTSTRAP: Buffer.from(bootstrapScript).toString('base64'),
      JOB_ID: job.id,
      // Hugging Face sets a JOB_ID of its own.
      FINETUNELAB_JOB_ID: job.id,
      DATASET_SHA256: access.dataset.sha256,
      RUNNER_SHA256: access.runner.sha256,
      WORK_DIR: workDir,
      INSTALL_TRAINER: '1',
      ...(keepAlive ? { KEEP_ALIVE: '1' } : {}),
      // The smoke test trains on the processor.
      ...(job.config.trainer === 'smoke' || gpus === 0 ? {} : { EXPECT_GPU: String(gpus) }),
      ...(access.baseUrl ? {} : carriedAlong(job.config, access)),
    },
    secrets: {
      ...environment,
      JOB_TOKEN: access.token,
      DATASET_URL: access.dataset.url,
      ...(access.baseUrl ? { FINETUNELAB_URL: access.baseUrl } : {}),
      ...(access.baseUrl && access.runner.url ? { RUNNER_URL: access.runner.url } : {}),
    },
  }
}

/** Throws `invalid` for variables that no container could have, or that are ours to set, each by its name. */
export function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const problems = Object.entries(environment).flatMap(([name, value]) => {
    const message = problemOfVariable(name, value)
    return message ? [{ field: `environment_variables.${name.slice(0, 60)}`, message }] : []
  })
  if (problems.length > 0)
    throw invalid('environment_invalid', 'An environment variable cannot be set', problems)
}

function carriedAlong(config: unknown, access: RunnerAccess): Record<string, string> {
  const runner = readRunnerFile()
  if (runner.sha256 !== access.runner.sha256)
    throw new Error('The runner is not the one whose hash was given')
  return {
    TRAINING_CONFIG_B64: Buffer.from(JSON.stringify(config)).toString('base64'),
    ...inParts('RUNNER_GZ_', gzipSync(runner.bytes, { level: 9 }).toString('base64')),
  }
}

function inParts(prefix: string, text: string): Record<string, string> {
  const parts: Record<string, string> = {}
  for (let at = 0; at < text.length; at += variableCharactersMax) {
    parts[`${prefix}${at / variableCharactersMax + 1}`] = text.slice(at, at + variableCharactersMax)
  }
  return parts
}
