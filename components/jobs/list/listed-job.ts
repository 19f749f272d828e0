import type { Job } from '#lib/training/job.types.ts'

/** A job as the list answers it: with a short loss series, oldest first. */
export type ListedJob = Job & { loss_preview: number[] }
