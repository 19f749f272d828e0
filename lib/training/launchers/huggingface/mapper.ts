import type { Job, LogLine } from '#lib/training/job.types.ts'
import type { Bootstrap } from '../bootstrap.ts'
import type { Inspection, MachineOffer, Outcome } from '../launcher.ts'
import { failureOf } from '../provider-failure.ts'
import type { ProviderName } from '../provider-http.ts'
import { errorSchema, type Hardware, type HubJob, logEventSchema, type RunJob } from './api-types.ts'
import type { HuggingFaceOptions } from './options.types.ts'

export const huggingFace: ProviderName = { label: 'Hugging Face', secret: 'huggingface' }
/** By which the jobs of one deployment are listed, whoever else uses the account. */
export const deploymentLabel = 'finetunelab'
/** Large flavors have been seen to wait for hours. They cost nothing meanwhile, but somebody waits. */
const schedulingSecondsMax = 3 * 3600
const lineCharactersMax = 16_384
const ends: readonly HubJob['status']['stage'][] = ['COMPLETED', 'ERROR', 'CANCELED', 'DELETED']

export function runRequest(
  stamp: string,
  options: HuggingFaceOptions,
  boot: Bootstrap,
  timeoutSeconds: number,
): RunJob {
  return {
    dockerImage: options.docker_image,
    command: [...boot.command],
    arguments: [],
    environment: boot.environment,
    secrets: boot.secrets,
    flavor: options.flavor,
    timeoutSeconds,
    labels: { name: stamp, [deploymentLabel]: deploymentIn(stamp) },
  }
}

/** `ftl-<deployment>-<job>` */
export function deploymentIn(stamp: string): string {
  return stamp.split('-')[1]!
}

export function offerOf(hardware: Hardware, pricedAt: string): MachineOffer {
  const { name, prettyName, accelerator, unitCostUSD, unitCostMicroUSD } = hardware
  const perUnit = unitCostUSD ?? (unitCostMicroUSD == null ? null : unitCostMicroUSD / 1e6)
  const unitsAnHour = hardware.unitLabel === 'hour' ? 1 : 60
  const vram = /\d+/.exec(accelerator?.vram ?? '')
  return {
    id: name,
    label: prettyName ?? name,
    gpu: accelerator
      ? {
          name: accelerator.model,
          count: Number(accelerator.quantity) || 1,
          memoryGib: vram && Number(vram[0]),
        }
      : null,
    usdPerHour: perUnit === null ? null : Math.round(perUnit * unitsAnHour * 10_000) / 10_000,
    pricedAt,
    priceSource: 'provider',
    stock: 'unknown',
    regions: [],
  }
}

export function isOver({ status }: HubJob): boolean {
  return ends.includes(status.stage)
}

export function hubFailure(error: unknown): unknown {
  return failureOf(huggingFace, error, (body) => {
    const parsed = errorSchema.safeParse(body).data
    return parsed?.error ?? parsed?.message ?? (typeof body === 'string' && body !== '' ? body : null)
  })
}

/** What a job's own description says; what its runner printed at its end may say more. */
export function judgeJob(hub: HubJob, job: Job, usdPerHour: number | null, now: number): Inspection {
  const inspection = judgeStage(hub, job, usdPerHour, now)
  const billedSeconds = hub.durations?.runningSecs
  return inspection.state === 'gone' && billedSeconds != null ? { ...inspection, billedSeconds } : inspection
}

function judgeStage(hub: HubJob, job: Job, usdPerHour: number | null, now: number): Inspection {
  const { stage, message } = hub.status
  switch (stage) {
    case 'COMPLETED':
      return { state: 'gone', outcome: { status: 'succeeded' } }
    case 'CANCELED':
      return gone('cancelled', 'cancelled_elsewhere', message ?? 'The job was cancelled at Hugging Face.')
    case 'DELETED':
      return gone('lost', 'machine_gone', message ?? 'The job was deleted at Hugging Face.')
    case 'ERROR':
      return isTimeout(hub, job)
        ? gone('timed_out', 'max_runtime', message ?? 'Hugging Face ended the job after its maximum runtime.')
        : gone('failed', 'machine_failed', message ?? 'The job ended with an error.')
    case 'SCHEDULING': {
      const seconds = (now - Date.parse(hub.createdAt ?? job.created_at)) / 1000
      if (seconds < schedulingSecondsMax) return { state: 'present', phase: 'pending', usdPerHour }
      const error = {
        code: 'machine_never_started',
        message: 'The job waited for its hardware for three hours: choose another flavor.',
      }
      return { state: 'spent', outcome: { status: 'failed', error }, replaceable: false }
    }
    case 'RUNNING':
      return { state: 'present', phase: 'running', usdPerHour }
  }
}

function gone(status: Outcome['status'], code: string, message: string): Inspection {
  return { state: 'gone', outcome: { status, error: { code, message } } }
}

/** The stage does not tell a time-out from a failure. */
function isTimeout({ status, durations }: HubJob, { max_runtime_seconds }: Job): boolean {
  if (/time[ -]?out|timed out|exceeded .*(time|duration)/i.test(status.message ?? '')) return true
  return max_runtime_seconds !== null && (durations?.runningSecs ?? 0) >= max_runtime_seconds
}

/** One event of the log; a line each. */
export function logLineOf(data: string): LogLine | null {
  let json: unknown
  try {
    json = JSON.parse(data)
  } catch {
    return null
  }
  const event = logEventSchema.safeParse(json).data
  const at = event ? Date.parse(event.timestamp) : Number.NaN
  if (!event || Number.isNaN(at)) return null
  const isMarker = event.data.startsWith('===== Job')
  return {
    at: new Date(at).toISOString(),
    stream: isMarker ? 'runner' : 'stdout',
    level: 'info',
    line: event.data.trimEnd().slice(0, lineCharactersMax),
  }
}
