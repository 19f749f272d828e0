import { type AppError, isAppError } from '#lib/errors/app-error.ts'
import { namedStorageError } from './storage-errors.ts'

export type DoctorStatus = 'pass' | 'fail' | 'skipped'

export interface DoctorStep {
  id: string
  label: string
  status: DoctorStatus
  /** What was found, in a sentence. */
  meaning: string
  /** What to do about it; null where nothing has to be done. */
  fix: string | null
}

export interface DoctorReport<Learned> {
  /** Whether a dataset can be stored, read, signed and deleted here. */
  ok: boolean
  steps: DoctorStep[]
  learned: Learned
  /** Texts to copy: each with what it is for. */
  advice: DoctorAdvice[]
}

export interface DoctorAdvice {
  id: string
  title: string
  text: string
}

/** A finding that is a failure without an error of the store: what was found, and what mends it. */
export class DoctorFinding extends Error {
  readonly fix: string

  constructor(meaning: string, fix: string) {
    super(meaning)
    this.fix = fix
  }
}

export interface PlannedStep {
  id: string
  label: string
  /** Steps that have to pass before this one says anything. */
  needs?: readonly string[]
  /** Answers what it found, or throws. */
  run(): Promise<string>
  /** Words for an error of the store; without it the error's own are used. */
  explain?(error: AppError): { meaning: string; fix: string } | null
}

/** Runs steps in order. One that builds on a failed one is skipped and says on which. Never rejects. */
export async function runDoctorSteps(
  planned: readonly PlannedStep[],
  fixes: Readonly<Record<string, string>>,
): Promise<DoctorStep[]> {
  const steps: DoctorStep[] = []
  for (const { id, label, needs = [], run, explain } of planned) {
    const broken = steps.find((step) => needs.includes(step.id) && step.status !== 'pass')
    if (broken) {
      const meaning = `Not tried, because "${broken.label}" did not pass.`
      steps.push({ id, label, status: 'skipped', meaning, fix: null })
      continue
    }
    try {
      steps.push({ id, label, status: 'pass', meaning: await run(), fix: null })
    } catch (error) {
      steps.push({ id, label, status: 'fail', ...wordsFor(error, fixes, explain) })
    }
  }
  return steps
}

function wordsFor(
  error: unknown,
  fixes: Readonly<Record<string, string>>,
  explain: PlannedStep['explain'],
): { meaning: string; fix: string } {
  if (error instanceof DoctorFinding) return { meaning: error.message, fix: error.fix }
  const named = isAppError(error) ? error : namedStorageError(error)
  const explained = explain?.(named)
  if (explained) return explained
  const details = typeof named.details === 'string' ? ` (${named.details})` : ''
  const fix = fixes[named.code] ?? 'Look at the store’s own log for this request.'
  return { meaning: `${named.message}${details}.`, fix }
}

/** The clock counts as right within this; Amazon refuses requests that are 15 minutes off. */
const clockSkewSecondsMax = 300

/** Compares this machine's clock with the `Date` of an answer. */
export function clockMeaning(dateHeader: string | null, now: Date): string {
  const theirs = Date.parse(dateHeader ?? '')
  if (Number.isNaN(theirs)) return 'The store does not tell its time.'
  const skew = Math.round((now.getTime() - theirs) / 1000)
  if (Math.abs(skew) <= clockSkewSecondsMax)
    return `The clocks agree within ${Math.max(1, Math.abs(skew))} s.`
  const direction = skew > 0 ? 'ahead of' : 'behind'
  throw new DoctorFinding(
    `This machine's clock is ${Math.abs(skew)} s ${direction} the store's.`,
    'Set the clock, for example by turning on NTP: signatures carry the time, and wrong ones are refused.',
  )
}
