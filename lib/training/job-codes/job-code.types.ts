import { z } from 'zod'

export const jobCodeSchema = z.object({
  /** Shown once, to be typed into the notebook: `ABCD-EFGH`. */
  code: z.string(),
  expires_at: z.iso.datetime(),
})
export type JobCode = z.infer<typeof jobCodeSchema>

export const redeemSchema = z.object({ code: z.string().trim().min(1).max(50) })

/** What a notebook needs to become the job's runner. */
export const redeemedSchema = z.object({
  job_id: z.uuid(),
  token: z.string(),
  url: z.url(),
  runner: z.object({ url: z.url(), sha256: z.string() }),
})
export type Redeemed = z.infer<typeof redeemedSchema>
