import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { processStart } from '#lib/db/data-dir-lock.ts'
import { misconfigured } from '#lib/errors/app-error.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Inspection, Launcher, Outcome, RunnerAccess, StampedMachine } from '../launcher.ts'
import { readStamp, stampOf } from '../stamp.ts'
import { facts } from './facts.types.ts'
import { endProcessTree } from './process-tree.ts'
import { findTrainers } from './trainers.ts'

export interface LocalLauncherOptions {
  /** Folder with one sub-folder a job. */
  jobsFolder: string
  python: string
  deploymentId: string
}

const runnerFile = join(import.meta.dirname, '../../../../runner/finetunelab_runner.py')
/** Time for a trainer to save what it has. */
const graceSeconds = 30

/**
 * Runs the runner as a process of its own on this machine, detached, so that it outlives a restart of the application.
 * Its reference is `<host>:<pid>:<start time>`: a later process with the same number is not it.
 */
export function createLocalLauncher({ jobsFolder, python, deploymentId }: LocalLauncherOptions): Launcher {
  const workDir = (job: Job) => join(jobsFolder, job.id)

  return {
    provider: 'local',
    capabilities: facts.capabilities,
    lacks: async () => null,
    offers: async () => [],
    validate: async () => {},
    listOurs: async (_, jobId) => {
      const all = await runnersHere(jobsFolder, deploymentId)
      return jobId ? all.filter(({ name }) => readStamp(name)?.jobId === jobId) : all
    },
    async end(_, providerRef) {
      const ref = parseRef(providerRef)
      if (ref && ref.host === hostname() && isRunning(ref)) await endProcessTree(ref.pid, graceSeconds)
    },
    logs: async () => null,

    async launch({ job, environment }, access) {
      const folder = workDir(job)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const pid = await startRunner(python, folder, job, access, environment)
      return { providerRef: refOf(pid), machine: null }
    },

    async inspect(job): Promise<Inspection> {
      const ref = parseRef(job.provider_ref)
      if (!ref) return { state: 'gone', outcome: readOutcome(workDir(job)) }
      if (ref.host !== hostname()) return { state: 'unknown' }
      return isRunning(ref)
        ? { state: 'present', phase: 'running' }
        : { state: 'gone', outcome: readOutcome(workDir(job)) }
    },

    async cancel(job) {
      const ref = parseRef(job.provider_ref)
      if (ref && ref.host === hostname() && isRunning(ref)) await endProcessTree(ref.pid, graceSeconds)
    },

    trainers: () => findTrainers(python),
  }
}

function startRunner(
  python: string,
  folder: string,
  job: Job,
  access: RunnerAccess,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const log = openSync(join(folder, 'runner.log'), 'a', 0o600)
  return new Promise((resolve, reject) => {
    const child = spawn(python, ['-u', runnerFile], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', log, log],
      // Only what a program needs to run: none of this process's secrets.
      env: {
        ...inherited([
          'PATH',
          'HOME',
          'LANG',
          'LC_ALL',
          'TMPDIR',
          'CUDA_VISIBLE_DEVICES',
          'HF_HOME',
          'LD_LIBRARY_PATH',
          'VIRTUAL_ENV',
        ]),
        ...environment,
        ...(access.baseUrl ? { FINETUNELAB_URL: access.baseUrl } : {}),
        JOB_ID: job.id,
        JOB_TOKEN: access.token,
        WORK_DIR: folder,
        // The result lies on this disk already.
        ARTIFACTS: 'none',
      } as unknown as NodeJS.ProcessEnv, // Next.js declares NODE_ENV as required; a runner has no use for it
    })
    child.on('error', (error) =>
      reject(
        misconfigured(
          'python_missing',
          'Python could not be started',
          `PYTHON is "${python}": ${error.message}`,
        ),
      ),
    )
    child.on('spawn', () => {
      child.unref()
      resolve(child.pid!)
    })
    closeSync(log)
  })
}

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

interface ProcessRef {
  host: string
  pid: number
  startedAt: string | null
}

const refOf = (pid: number) => [hostname(), pid, processStart(pid) ?? ''].join(':')

function parseRef(providerRef: string | null): ProcessRef | null {
  const match = /^(.+):(\d+):(\d*)$/.exec(providerRef ?? '')
  return match ? { host: match[1]!, pid: Number(match[2]), startedAt: match[3] || null } : null
}

function isRunning({ pid, startedAt }: ProcessRef): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return processStart(pid) === startedAt
}

/**
 * The runners of this folder that live, by /proc: what an attempt started that died before it could say so. On systems
 * without it there are none to be found, and what was started is turned away with its outdated token.
 */
function runnersHere(jobsFolder: string, deploymentId: string): StampedMachine[] {
  let pids: number[]
  try {
    pids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
  return pids.flatMap((pid) => {
    const jobId = jobOfRunner(pid, jobsFolder)
    return jobId
      ? [
          {
            providerRef: refOf(pid),
            name: stampOf(deploymentId, jobId),
            createdAt: null,
            usdPerHour: null,
            machine: null,
          },
        ]
      : []
  })
}

function jobOfRunner(pid: number, jobsFolder: string): string | null {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(runnerFile)) return null
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    const jobId = variables.find((text) => text.startsWith('JOB_ID='))?.slice('JOB_ID='.length)
    return jobId && variables.includes(`WORK_DIR=${join(jobsFolder, jobId)}`) ? jobId : null
  } catch {
    return null // it ended meanwhile, or is somebody else's
  }
}

/** What the runner wrote down before it ended, in case nobody was there to hear it. */
function readOutcome(folder: string): Outcome | null {
  try {
    const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as {
      status?: Outcome['status']
      error?: Outcome['error'] | null
      result_path?: string | null
    }
    if (!result.status) return null
    return {
      status: result.status,
      ...(result.error ? { error: result.error } : {}),
      ...(result.result_path ? { resultPath: result.result_path } : {}),
    }
  } catch {
    return null
  }
}
