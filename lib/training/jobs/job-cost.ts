import type { Job } from '#lib/training/job.types.ts'

export interface Billed {
  machine: Job['machine']
  billed_from: Date | null
  billed_until: Date | null
  /** What earlier machines of the job cost, which were replaced. */
  spent_before_usd: number
}

/** USD from the request that got the machine until `now`, or until it was verified gone; null where nobody knows a price. */
export function costSoFar(
  { machine, billed_from, billed_until, spent_before_usd }: Billed,
  now: Date = new Date(),
): number | null {
  if (!billed_from) return spent_before_usd > 0 ? spent_before_usd : null
  if (machine?.usd_per_hour == null) return null
  const hours = Math.max((billed_until ?? now).getTime() - billed_from.getTime(), 0) / 3_600_000
  return spent_before_usd + hours * machine.usd_per_hour
}
