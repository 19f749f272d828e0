import type { AppError } from '#lib/errors/app-error.ts'
import type { Job, LogLine } from '#lib/training/job.types.ts'
import type { Bootstrap } from '../bootstrap.ts'
import type { Inspection, MachineOffer } from '../launcher.ts'
import { failureOf, refused } from '../provider-failure.ts'
import { type ProviderName, ProviderRefusal } from '../provider-http.ts'
import { type CreatePod, type GpuType, logEventSchema, type Pod, problemSchema } from './api-types.ts'
import type { RunPodOptions } from './options.types.ts'

export const runPod: ProviderName = { label: 'RunPod', secret: 'runpod' }
export const volumePath = '/workspace'
/** For the image's layers and the packages that the trainer needs. */
const containerDiskGb = 40
/** Pulling a large image takes 20 minutes. */
const startSecondsMax = 30 * 60
const crashLoopAfterSeconds = 10 * 60
const lineCharactersMax = 16_384

export function gpuCandidates({ gpu_type }: RunPodOptions): string[] {
  return [...new Set(typeof gpu_type === 'string' ? [gpu_type] : gpu_type)]
}

export function podRequest(name: string, options: RunPodOptions, gpuId: string, boot: Bootstrap): CreatePod {
  const cuda = cudaOfImage(options.docker_image)
  return {
    name,
    image: options.docker_image,
    gpu: { id: gpuId, count: options.gpu_count, ...(cuda ? { minCudaVersion: cuda } : {}) },
    cloud: 'SECURE',
    disk: containerDiskGb,
    mounts: { persistent: { size: options.volume_size_gb, path: volumePath } },
    args: boot.command.map((word) => (/^[\w-]+$/.test(word) ? word : `'${word}'`)).join(' '),
    env: { ...boot.environment, ...boot.secrets },
  }
}

/** An image that was built for CUDA 12.8 does not start on a host whose driver knows 12.4 only. */
export function cudaOfImage(image: string): string | null {
  const match = /cuda-?(\d{2})\.(\d{1,2})|cu(\d{2})(\d)(?!\d*\.)/.exec(image.split(':').slice(1).join(':'))
  if (!match) return null
  return match[1] ? `${match[1]}.${match[2]}` : `${match[3]}.${match[4]}`
}

export function offerOf(gpu: GpuType, pricedAt: string): MachineOffer {
  return {
    id: gpu.id,
    label: `${gpu.name}, ${gpu.memory} GB`,
    gpu: { name: gpu.name, count: 1, memoryGib: gpu.memory },
    usdPerHour: gpu.price.secure > 0 ? gpu.price.secure : null,
    pricedAt,
    priceSource: 'provider',
    stock: gpu.availability ? (gpu.availability.toLowerCase() as MachineOffer['stock']) : 'unknown',
    regions: (gpu.dataCenters ?? [])
      .filter(({ availability }) => availability !== 'NONE')
      .map(({ id }) => id),
  }
}

/**
 * What a 400 to a launch is: RunPod answers it to a broken rule and to a lack of room alike, with nothing to tell them
 * apart but prose. `unclear` may be either.
 */
export type BadRequest = 'capacity' | 'rule' | 'unclear'

export function kindOfBadRequest(body: unknown): BadRequest {
  const prose = proseOf(body) ?? ''
  if (
    /capacity|no longer any|not? (any )?(\w+ )?(instances?|machines?|gpus?|hosts?)\b.*\bavailable|no available|unavailable|out of stock|sold out|insufficient (resources|gpus?)|not enough|could not (be placed|find)|no (resources|stock)|try (again|another|a different)/i.test(
      prose,
    )
  ) {
    return 'capacity'
  }
  if (problemSchema.safeParse(body).data?.errors?.length) return 'rule'
  return /mutually exclusive|exactly one|required|invalid|must (be|not|have)|not (allowed|supported|permitted)|malformed|unknown/i.test(
    prose,
  )
    ? 'rule'
    : 'unclear'
}

export function proseOf(body: unknown): string | null {
  const problem = problemSchema.safeParse(body).data
  if (!problem) return typeof body === 'string' && body !== '' ? body : null
  return (
    [problem.detail ?? problem.title, ...(problem.errors ?? [])].filter(Boolean).slice(0, 10).join('; ') ||
    null
  )
}

export function runPodFailure(error: unknown): unknown {
  if (error instanceof ProviderRefusal && (error.status === 422 || error.status === 400)) {
    return badRequest(error)
  }
  return failureOf(runPod, error, proseOf)
}

export function badRequest(refusal: ProviderRefusal): AppError {
  return refused(
    'invalid',
    'provider_refused',
    'RunPod refused the request',
    proseOf(refusal.answer.body),
    refusal,
  )
}

export function noCapacity(gpuIds: readonly string[], refusal?: ProviderRefusal): AppError {
  return refused(
    'limit',
    'no_capacity',
    'RunPod has no room now',
    `Asked for, in this order: ${gpuIds.join(', ')}. Choose other GPUs, fewer of them, or try again later.`,
    refusal,
  )
}

/** What a pod's description alone says; `quiet` when it runs and does not speak to us, so that its log may tell more. */
export function judgePod(pod: Pod, job: Job, now: number): Inspection | 'quiet' {
  const since = (time: string | null | undefined) =>
    (now - Math.max(Date.parse(time ?? '') || 0, Date.parse(job.billed_from ?? job.created_at))) / 1000
  switch (pod.status) {
    case 'TERMINATED':
      return { state: 'gone', outcome: lost('machine_gone', 'The pod was terminated, and not by us.') }
    case 'EXITED':
      return spent('machine_stopped', 'The pod was stopped. Its disk is still billed.', false)
    case 'ERROR':
      return spent('machine_failed', 'RunPod reports that the pod is in an unrecoverable state.', true)
  }
  if (pod.status === 'RUNNING' && pod.runtime) {
    const restarted = (pod.runtime.uptime ?? Number.POSITIVE_INFINITY) < 60
    if (!job.last_heartbeat_at && restarted && since(pod.startedAt) > crashLoopAfterSeconds) {
      return spent(
        'crash_loop',
        'The container ends as soon as it starts, and is started again and again. Does the image let a command run?',
        false,
      )
    }
    // A detached job is heard of by its log alone, to the end.
    return job.last_heartbeat_at && !job.detached ? present(pod, 'running') : 'quiet'
  }
  // One whose runner spoke did start: its container is being started again, which the bootstrap goes on from.
  const spoke =
    job.last_heartbeat_at !== null && now - Date.parse(job.last_heartbeat_at) < startSecondsMax * 1000
  if (!spoke && since(pod.createdAt) > startSecondsMax) {
    return spent('machine_never_started', 'The pod did not start within 30 minutes.', true)
  }
  return present(pod, 'pending')
}

export function present(pod: Pod, phase: 'pending' | 'running'): Inspection {
  return { state: 'present', phase, ...(pod.cost ? { usdPerHour: pod.cost } : {}) }
}

export function lost(code: string, message: string) {
  return { status: 'lost' as const, error: { code, message } }
}

function spent(code: string, message: string, replaceable: boolean): Inspection {
  return { state: 'spent', outcome: { status: 'failed', error: { code, message } }, replaceable }
}

/** One line of a pod's log; null for what is none. */
export function logLineOf(data: string): LogLine | null {
  let json: unknown
  try {
    json = JSON.parse(data)
  } catch {
    return null
  }
  const event = logEventSchema.safeParse(json).data
  const at = event ? Date.parse(event.ts) : Number.NaN
  if (!event || Number.isNaN(at)) return null
  return {
    at: new Date(at).toISOString(),
    stream: event.source === 'system' ? 'runner' : 'stdout',
    level: 'info',
    line: event.line.slice(0, lineCharactersMax),
  }
}
