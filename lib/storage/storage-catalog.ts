import { invalid } from '#lib/errors/app-error.ts'
import { type ObjectAddress, s3ObjectAddress, supabaseObjectAddress } from './object-address.ts'
import { s3ObjectBytesMax } from './s3/limits.ts'
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
import type { StorageCapabilities, StorageLocation } from './storage-service.ts'

/** What is known of a store before anybody opens it; pure data, so that rules and forms can use it. */
export interface StorageFacts {
  labels: { badge: string; option: string }
  capabilities: StorageCapabilities
  /** Where the object of a new dataset goes. */
  datasetKey(userId: string, datasetId: string): string
  /** Where what a training leaves with us goes. */
  artifactKey(userId: string, jobId: string, artifactId: string): string
  /** Who brings the key to the store: all users share the deployment's, or each has their own. */
  keyFrom: 'deployment' | 'user'
  /** Whether other deployments, or other programs, may put objects into the same place. */
  mayHoldOthers: boolean
  /** The one bucket in which its users may read with their own access tokens, for stores that know such users. */
  bucketOfUsers: string | null
  /** Whether links are made of the dataset's id that a key ends in, so that no other key can be linked. */
  linksNeedDatasetKeys: boolean
  /** The page where a person sets it up, or reads how that is done. */
  setupPage: string | null
  /** A place in words. */
  placeOf(location: StorageLocation): string
  /** The object that a path of an earlier installation names by its whole address, or null for other texts. */
  readAddress(path: string): ObjectAddress | null
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
    keyFrom: 'deployment',
    mayHoldOthers: true,
    bucketOfUsers: 'training-datasets',
    linksNeedDatasetKeys: false,
    setupPage: '/settings/storage',
    placeOf: ({ bucket, endpoint }) => `Supabase bucket ${bucket} at ${endpoint}`,
    readAddress: supabaseObjectAddress,
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
    keyFrom: 'user',
    mayHoldOthers: true,
    bucketOfUsers: null,
    linksNeedDatasetKeys: false,
    setupPage: '/settings/secrets',
    placeOf: ({ bucket, endpoint }) => `s3://${bucket}${endpoint ? ` at ${endpoint}` : ''}`,
    readAddress: s3ObjectAddress,
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
    keyFrom: 'deployment',
    mayHoldOthers: false,
    bucketOfUsers: null,
    linksNeedDatasetKeys: true,
    setupPage: null,
    placeOf: () => 'this machine',
    readAddress: () => null,
  },
} as const satisfies Record<StorageProvider, StorageFacts>

/** What every dataset's object says of itself, on stores that keep such things. */
export function datasetObjectOptions({ userId, datasetId, deploymentId }: DatasetObject) {
  return {
    contentType: 'application/gzip',
    metadata: {
      'uploaded-by': 'finetunelab',
      'user-id': userId,
      'dataset-id': datasetId,
      [deploymentField]: deploymentId,
    },
  }
}

interface DatasetObject {
  userId: string
  datasetId: string
  deploymentId: string
}

/** Tells a deployment's own objects from those of others that share its bucket. */
export const deploymentField = 'deployment-id'

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
