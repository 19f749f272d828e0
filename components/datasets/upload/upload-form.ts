import type { z } from 'zod'
import { datasetNameSchema, uploadFieldsSchema } from '#lib/training/dataset.types.ts'

/** What a person fills in; the file is held beside it. */
export const uploadFormSchema = uploadFieldsSchema
  .pick({ description: true, format: true, storage_provider: true, split: true, context_length: true })
  .extend({ name: datasetNameSchema })
export type UploadFormValues = z.input<typeof uploadFormSchema>

export const emptyUploadForm: UploadFormValues = { name: '', description: '', format: 'auto' }
