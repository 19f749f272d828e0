import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { User } from '#lib/auth/identity.ts'
import { uploadFieldsSchema } from '#lib/training/dataset.types.ts'
import { uploadDataset } from './upload-dataset.ts'

const sampleFile = join(import.meta.dirname, '../../../examples/kitchen-assistant.jsonl')

/** Takes the bundled sample the way that any upload takes. */
export function uploadSample(services: Parameters<typeof uploadDataset>[0], user: User, signal: AbortSignal) {
  return uploadDataset(services, user, {
    fields: uploadFieldsSchema.parse({
      name: 'Kitchen assistant (sample)',
      description: 'Short questions about cooking with short answers, made to try things out.',
    }),
    file: createReadStream(sampleFile),
    fileName: 'kitchen-assistant.jsonl',
    clientUploadId: null,
    signal,
  })
}
