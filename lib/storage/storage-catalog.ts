import { invalid } from '#lib/errors/app-error.ts'
import { s3ObjectBytesMax } from './s3-limits.ts'
import {
  artifactKey,
  localDatasetKey,
  s3DatasetKey,
  supabaseArtifactKey,
  supabaseDatasetKey,
} from './storage-key.ts'
import {
  type StorageProvider,
  storageProviderLabels,
  storageProviderSchema,
} from './storage-provider.types.ts'
import type { StorageCapabilities } from './storage-service.ts'

/** What is known of a store before anybody opens it; pure data, so that rules and forms can use it. */
export interface StorageFacts {
  labels: { badge: string; option: string }
  capabilities: StorageCapabilities
  /** Where the object of a new dataset goes. */
  datasetKey(userId: string, datasetId: string): string
  /** Where what a training leaves with us goes. */
  artifactKey(userId: string, jobId: string, artifactId: string): string
}

export const storageCatalog = {
  supabase: {
    labels: storageProviderLabels.supabase,
    capabilities: {
      signedUrlToken: 'supabase-signed',
      servesRemoteReaders: true,
      hasS3Uri: false,
      objectBytesMax: null,
      resumesPuts: true,
    },
    datasetKey: supabaseDatasetKey,
    artifactKey: supabaseArtifactKey,
  },
  s3: {
    labels: storageProviderLabels.s3,
    capabilities: {
      signedUrlToken: 's3-presigned',
      servesRemoteReaders: true,
      hasS3Uri: true,
      objectBytesMax: s3ObjectBytesMax,
      resumesPuts: true,
    },
    datasetKey: s3DatasetKey,
    artifactKey,
  },
  local: {
    labels: storageProviderLabels.local,
    capabilities: {
      signedUrlToken: 'local-signed',
      servesRemoteReaders: false,
      hasS3Uri: false,
      objectBytesMax: null,
      resumesPuts: true,
    },
    datasetKey: localDatasetKey,
    artifactKey,
  },
} as const satisfies Record<StorageProvider, StorageFacts>

/** What every dataset's object says of itself, on stores that keep such things. */
export function datasetObjectOptions(userId: string, datasetId: string) {
  return {
    contentType: 'application/gzip',
    metadata: { 'uploaded-by': 'finetunelab', 'user-id': userId, 'dataset-id': datasetId },
  }
}

/** The provider that a caller named, or `invalid_storage_provider` with the list of those that exist. */
export function parseStorageProvider(name: unknown): StorageProvider {
  const parsed = storageProviderSchema.safeParse(name)
  if (parsed.success) return parsed.data
  throw invalid(
    'invalid_storage_provider',
    'Unknown storage provider',
    `Use one of: ${Object.keys(storageCatalog).join(', ')}.`,
  )
}
