import { type AppError, misconfigured } from '#lib/errors/app-error.ts'
import type { Job } from '#lib/training/job.types.ts'
import type { Inspection, MachineOffer } from '../launcher.ts'
import { failureOf, refused } from '../provider-failure.ts'
import { type ProviderName, ProviderRefusal } from '../provider-http.ts'
import { errorSchema, type Instance, type InstanceTypeItem } from './api-types.ts'
import type { LambdaOptions } from './options.types.ts'

export const lambda: ProviderName = { label: 'Lambda', secret: 'lambda' }
/** Eight GPUs take 15 minutes. */
const bootSecondsMax = 40 * 60

/** A type in a region, in the order in which they are asked for. */
export interface Candidate {
  type: string
  region: string
}

const listOf = (value: string | string[]) => [...new Set(typeof value === 'string' ? [value] : value)]

export function typeCandidates({ instance_type }: LambdaOptions): string[] {
  return listOf(instance_type)
}

/** That every one of the types has, by its name: `gpu_8x_a100` has eight. */
export function gpusOf(options: LambdaOptions): number {
  return Math.min(...typeCandidates(options).map((type) => Number(/^gpu_(\d+)x_/.exec(type)?.[1] ?? 1)))
}

/**
 * Types in the person's order, each in the person's regions, or in those that Lambda names. The list of regions with
 * room is advice only, so that regions it does not name come last rather than not at all.
 */
export function candidatesOf(options: LambdaOptions, types: readonly InstanceTypeItem[]): Candidate[] {
  return typeCandidates(options).flatMap((type) => {
    const item = types.find(({ instance_type }) => instance_type.name === type)
    const withRoom = item?.regions_with_capacity_available.map(({ name }) => name) ?? []
    const wanted = options.region ? listOf(options.region) : withRoom
    const hasRoom = (region: string) => withRoom.includes(region)
    return [...wanted.filter(hasRoom), ...wanted.filter((region) => !hasRoom(region))].map((region) => ({
      type,
      region,
    }))
  })
}

export function offerOf(
  { instance_type: type, regions_with_capacity_available }: InstanceTypeItem,
  pricedAt: string,
): MachineOffer {
  const regions = regions_with_capacity_available.map(({ name }) => name)
  const memory = /\((\d+) GB/.exec(type.gpu_description)
  return {
    id: type.name,
    label: type.description,
    gpu:
      type.specs.gpus > 0
        ? {
            name: type.gpu_description.replace(/ *\(.*/, ''),
            count: type.specs.gpus,
            memoryGib: memory ? Number(memory[1]) : null,
          }
        : null,
    usdPerHour: type.price_cents_per_hour / 100,
    pricedAt,
    priceSource: 'provider',
    stock:
      regions.length > 3 ? 'high' : regions.length > 1 ? 'medium' : regions.length === 1 ? 'low' : 'none',
    regions,
  }
}

export function codeOf(refusal: ProviderRefusal): string | null {
  return errorSchema.safeParse(refusal.answer.body).data?.error.code ?? null
}

export function isForLackOfRoom(error: unknown): error is ProviderRefusal {
  return error instanceof ProviderRefusal && /insufficient-capacity/.test(codeOf(error) ?? '')
}

export function isGone(error: unknown): boolean {
  return (
    error instanceof ProviderRefusal &&
    (error.status === 404 || (error.status === 400 && codeOf(error) === 'global/object-does-not-exist'))
  )
}

function proseOf(body: unknown): string | null {
  const error = errorSchema.safeParse(body).data?.error
  if (!error) return typeof body === 'string' && body !== '' ? body : null
  return [error.message, error.suggestion].filter(Boolean).join(' ') || null
}

export function sshKeyMissing(): AppError {
  return misconfigured(
    'ssh_key_missing',
    'Lambda starts no machine without an SSH key',
    'Add one at Lambda, and its name under Settings > Secrets, Lambda (metadata.lambda.ssh_key_name).',
  )
}

/** Lambda's codes are stable, its texts and statuses are not: codes come first. */
export function lambdaFailure(error: unknown): unknown {
  if (!(error instanceof ProviderRefusal)) return failureOf(lambda, error, proseOf)
  const code = codeOf(error) ?? ''
  const said = proseOf(error.answer.body)
  switch (code) {
    case 'instance-operations/launch/insufficient-capacity':
      return refused('limit', 'no_capacity', 'Lambda has no room now', said, error)
    case 'global/quota-exceeded':
      return refused('misconfigured', 'provider_quota', "The Lambda account's quota is used up", said, error)
    case 'global/account-inactive':
    case 'global/invalid-address':
      return refused(
        'misconfigured',
        'provider_account',
        'The Lambda account cannot start machines',
        said,
        error,
      )
    case 'global/invalid-api-key':
      return refused(
        'misconfigured',
        'provider_key_refused',
        'Lambda does not accept the API key',
        'Put a valid one in under Settings > Secrets.',
        error,
      )
    case 'global/object-does-not-exist':
      return refused(
        'not_found',
        'provider_not_found',
        'Lambda does not know something it was asked for',
        said,
        error,
      )
    case 'global/internal-error':
      return refused('transient', 'provider_failed', 'Lambda has a failure of its own', said, error)
  }
  if (code.startsWith('provider/'))
    return refused('transient', 'provider_failed', 'Lambda has a failure of its own', said, error)
  return failureOf(lambda, error, proseOf)
}

export function noCapacity(tried: readonly Candidate[], types: readonly string[]): AppError {
  const asked = tried.map(({ type, region }) => `${type} in ${region}`).join(', ')
  return refused(
    'limit',
    'no_capacity',
    'Lambda has no room now',
    asked
      ? `Asked for, in this order: ${asked}. Choose other types or regions, or try again later.`
      : `No region has ${types.join(' or ')} now. Choose another type, or try again later.`,
  )
}

export function isOver({ status }: Instance): boolean {
  return status === 'terminated' || status === 'preempted'
}

export function judgeInstance(instance: Instance, job: Job, now: number): Inspection {
  const lost = (code: string, message: string): Inspection => ({
    state: 'gone',
    outcome: { status: 'lost', error: { code, message } },
  })
  const usdPerHour = instance.instance_type ? instance.instance_type.price_cents_per_hour / 100 : null
  const present = (phase: 'pending' | 'running'): Inspection => ({ state: 'present', phase, usdPerHour })
  switch (instance.status) {
    case 'terminated':
      return lost('machine_gone', 'The instance was terminated, and not by us.')
    case 'preempted':
      return lost('machine_preempted', 'Lambda took the instance back.')
    case 'terminating':
      return present('running')
    case 'unhealthy':
      return spent('machine_unhealthy', 'Lambda reports that the instance is unhealthy.')
    case 'active':
      if (instance.ip) return present('running')
  }
  const seconds = (now - Date.parse(job.billed_from ?? job.created_at)) / 1000
  return seconds > bootSecondsMax
    ? spent('machine_never_started', 'The instance did not start within 40 minutes.')
    : present('pending')
}

function spent(code: string, message: string): Inspection {
  return { state: 'spent', outcome: { status: 'failed', error: { code, message } }, replaceable: true }
}
