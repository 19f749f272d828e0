import { z } from 'zod'
import { storageProviderSchema } from '#lib/storage/storage-provider.types.ts'

/** What can be found. `wrong` counts for the exit status; a `note` is said and is nobody's fault. */
export const findingSeverities = {
  /** No key, no right, no bucket, no answer: nothing can be said about what lies there. */
  store_unreachable: 'wrong',
  /** A ready dataset whose object is not in its store. */
  object_missing: 'wrong',
  /** A ready dataset whose object has another size or, read through, another SHA-256. */
  object_differs: 'wrong',
  index_missing: 'wrong',
  /** The row index does not fit the object. */
  index_wrong: 'wrong',
  /** `uploading` without a living upload, or `deleting`. */
  row_stuck: 'wrong',
  /** An upload session whose time is over. */
  upload_expired: 'wrong',
  /** A failed dataset, from before or made so, whose object is there. */
  row_adoptable: 'wrong',
  /** A failed dataset without an object. */
  row_without_object: 'note',
  /** An object in the shape of a dataset's, of nobody. */
  object_without_row: 'wrong',
  /** One that says, or looks, as if it belongs to another deployment. */
  object_of_others: 'note',
} as const satisfies Record<string, 'wrong' | 'note'>
export type FindingCode = keyof typeof findingSeverities
export const findingCodes = Object.keys(findingSeverities) as [FindingCode, ...FindingCode[]]

export const orphanHandling = ['adopt', 'remove', 'keep'] as const

export const doctorOptionsSchema = z.object({
  mend: z.boolean().default(false),
  /** Reads every object to its end: hash, rows, index. */
  deep: z.boolean().default(false),
  /** What mending does with objects without rows. */
  orphans: z.enum(orphanHandling).default('adopt'),
  /** Objects and uploads younger than this are left alone. */
  grace_minutes: z.number().min(0).max(525_600).default(60),
})
export type DoctorOptions = z.infer<typeof doctorOptionsSchema>

export const findingSchema = z.object({
  code: z.enum(findingCodes),
  severity: z.enum(['wrong', 'note']),
  provider: storageProviderSchema,
  /** Where it is, in words: `s3://bucket at https://...`. */
  place: z.string(),
  key: z.string().nullable(),
  dataset_id: z.string().nullable(),
  name: z.string().nullable(),
  user_id: z.string().nullable(),
  size_bytes: z.number().nullable(),
  /** What is wrong, in a sentence. */
  message: z.string(),
  /** What mending would do, or what a person has to do. */
  remedy: z.string(),
  /** Null where nothing was tried. */
  outcome: z.enum(['mended', 'left', 'failed']).nullable(),
  /** What was done, or why it was not. */
  did: z.string().nullable(),
})
export type Finding = z.infer<typeof findingSchema>

export const placeReportSchema = z.object({
  provider: storageProviderSchema,
  place: z.string(),
  /** Whose, where each user has their own key to a store. */
  user_id: z.string().nullable(),
  datasets: z.number().int(),
  objects: z.number().int(),
  bytes: z.number(),
})
export type PlaceReport = z.infer<typeof placeReportSchema>

export const doctorSummarySchema = z.object({
  /** Findings that are wrong, before and after mending. */
  wrong: z.number().int(),
  mended: z.number().int(),
  remaining: z.number().int(),
  notes: z.number().int(),
})
export type DoctorSummary = z.infer<typeof doctorSummarySchema>

/** One line of the doctor's answer; `alive` says nothing but that it is at work. */
export const doctorEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('place'), place: placeReportSchema }),
  z.object({ type: z.literal('finding'), finding: findingSchema }),
  z.object({ type: z.literal('alive') }),
  z.object({ type: z.literal('done'), summary: doctorSummarySchema }),
  z.object({ type: z.literal('broken'), message: z.string() }),
])
export type DoctorEvent = z.infer<typeof doctorEventSchema>
