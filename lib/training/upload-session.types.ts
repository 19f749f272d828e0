import { z } from 'zod'
import { storageProviderSchema } from '#lib/storage/storage-provider.types.ts'
import { datasetSchema, uploadFieldsSchema } from './dataset.types.ts'

/**
 * `receiving` until the file is whole; then `ready`, or `duplicate` while its owner decides whether to keep a second
 * copy. `failed`: the file was refused, and nothing of it is kept.
 */
export const uploadStatuses = ['receiving', 'duplicate', 'ready', 'failed'] as const
export const uploadStatusSchema = z.enum(uploadStatuses)
export type UploadStatus = z.infer<typeof uploadStatusSchema>

/** How long an upload waits for its other half. */
export const uploadSessionDays = 7

/** How a file is read, as it was said when its upload began; it cannot be changed on the way. */
export const readingFieldsSchema = uploadFieldsSchema.pick({
  format: true,
  on_error: true,
  on_secret: true,
  split: true,
  context_length: true,
})

export const uploadSessionSchema = z.object({
  /** Also of the dataset that becomes of it. */
  id: z.uuid(),
  status: uploadStatusSchema,
  name: z.string().nullable(),
  file_name: z.string().nullable(),
  /** What the client that began it knows the file by. */
  fingerprint: z.string().nullable(),
  storage_provider: storageProviderSchema,
  reading: readingFieldsSchema,
  size_bytes: z.number().int(),
  /** Bytes of the file whose rows are safe; the upload goes on there. */
  offset: z.number().int(),
  rows: z.number().int(),
  /** Somebody is sending at the moment. */
  active: z.boolean(),
  /** False when the file has no place inside at which it could be taken up: it then starts again. */
  resumable: z.boolean(),
  duplicate_of: datasetSchema.pick({ id: true, name: true }).nullable(),
  /** Why it failed, as the request that failed was answered. */
  error: z.record(z.string(), z.unknown()).nullable(),
  expires_at: z.iso.datetime(),
  created_at: z.iso.datetime(),
})
export type UploadSession = z.infer<typeof uploadSessionSchema>

export const uploadSessionListSchema = z.object({ uploads: z.array(uploadSessionSchema) })

/** The fields of an upload and what a client tells about its file, as tus metadata. */
export type UploadMetadata = z.input<typeof uploadFieldsSchema> & {
  filename?: string
  fingerprint?: string
}
