import { createHash } from 'node:crypto'
import { type AppError, misconfigured } from '#lib/errors/app-error.ts'
import type { DoctorReport } from './bucket-doctor.ts'
import type { Resolve } from './endpoint/endpoint-guard.ts'
import { examineLocalStore } from './local/store-doctor.ts'
import { createLocalStorageService, type LocalStorageService } from './local-storage-service.ts'
import { examineS3Bucket, type S3Learned } from './s3/bucket-doctor.ts'
import { createS3StorageService, type S3ChecksumMode, type S3StorageOptions } from './s3-storage-service.ts'
import type { ObserveStorage } from './storage-observation.ts'
import type { StorageProvider } from './storage-provider.types.ts'
import type { StorageLocation, StorageService } from './storage-service.ts'
import { examineSupabaseBucket } from './supabase/bucket-doctor.ts'
import { createSupabaseStorageService } from './supabase-storage-service.ts'

/** What the deployment has set up, for all its users. */
export interface StorageSettings {
  local: { root: string; signingKey: Uint8Array; baseUrl: () => string }
  supabase: { url: string; anonKey: string; serviceRoleKey: string } | null
  allowPrivateAddresses: boolean
  observe?: ObserveStorage
  resolve?: Resolve
}

/** What a user brings: their own AWS secret, and with Supabase accounts their own access token. */
export interface StorageAccess {
  aws: AwsStorageSecret | null
  /** Why there is no `aws` although one was put in. */
  awsProblem?: AppError | null
  /** Called when `aws` is handed to a store. */
  noteAwsUse?: () => void
  /**
   * The access token of the request; null once it has ended. An upload may last longer than the token that began it: it
   * goes on with the service key, in the folder of the user who is known by then.
   */
  supabaseToken?: () => string | null
}

export interface AwsStorageSecret {
  accessKeyId: string
  secretAccessKey: string
  region: string
  bucket: string
  endpoint: string | null
  /** Absent: path style for every endpoint but Amazon's. */
  forcePathStyle?: boolean | null
  /** What the bucket doctor learned. */
  checksumMode?: S3ChecksumMode | null
  conditionalWrites?: boolean
}

interface Opener {
  /** Why this user cannot put anything there, or null. */
  unavailable(settings: StorageSettings, access: StorageAccess): AppError | null
  /** Opens the store as it is set up now, or, with a location, where an older object went. */
  open(settings: StorageSettings, access: StorageAccess, location: StorageLocation | null): StorageService
  /** Tries everything on a scratch object and says of each thing whether it works. */
  examine(settings: StorageSettings, access: StorageAccess, examination: Examination): Promise<StoreReport>
}

interface Examination {
  /** Whose folder the scratch objects go to. */
  userId: string
  signal?: AbortSignal
}

/** `learned` is there for stores that have a dialect. */
export type StoreReport = DoctorReport<Partial<S3Learned>>

const openers = {
  supabase: {
    unavailable: ({ supabase }) => (supabase ? null : supabaseNotConfigured()),
    open({ supabase, observe }, { supabaseToken }, location) {
      if (!supabase) throw supabaseNotConfigured()
      if (location?.endpoint && !isSameAddress(location.endpoint, supabase.url))
        throw otherSupabaseProject(location, supabase.url)
      return createSupabaseStorageService({
        ...supabaseCaller(supabase, supabaseToken),
        ...(location?.bucket ? { bucket: location.bucket } : {}),
        ...(observe ? { observe } : {}),
      })
    },
    examine({ supabase }, { supabaseToken }, { userId, signal }) {
      if (!supabase) throw supabaseNotConfigured()
      return examineSupabaseBucket({
        ...supabaseCaller(supabase, supabaseToken),
        folder: userId,
        signal,
      })
    },
  },
  s3: {
    unavailable: (_, { aws, awsProblem }) => (aws ? null : (awsProblem ?? awsNotConfigured())),
    open(settings, { aws, awsProblem, noteAwsUse }, location) {
      if (!aws) throw awsProblem ?? awsNotConfigured(location)
      noteAwsUse?.()
      return sharedS3Service(settings, s3Options(settings, aws, location))
    },
    examine(settings, { aws, awsProblem, noteAwsUse }, { signal }) {
      if (!aws) throw awsProblem ?? awsNotConfigured()
      noteAwsUse?.()
      return examineS3Bucket({ ...s3Options(settings, aws, null), signal })
    },
  },
  local: {
    unavailable: () => null,
    open: (settings) => localService(settings),
    examine: (settings, _, { signal }) =>
      examineLocalStore(localService(settings), settings.local.root, signal),
  },
} satisfies Record<StorageProvider, Opener>

export interface StorageRegistry {
  /** Where datasets go when nobody says otherwise. */
  readonly defaultProvider: StorageProvider
  unavailable(provider: StorageProvider, access: StorageAccess): AppError | null
  open(provider: StorageProvider, access: StorageAccess, location?: StorageLocation | null): StorageService
  /** What a connection test says, for the store as it is set up now. */
  examine(provider: StorageProvider, access: StorageAccess, examination: Examination): Promise<StoreReport>
  /** Removes what uploads that never ended left on this machine; `alone` where no other process writes there. */
  sweepLocalPartials(options: { alone: boolean }): Promise<number>
}

/** The only place that knows which store is behind a name. */
export function createStorageRegistry(settings: StorageSettings): StorageRegistry {
  return {
    defaultProvider: settings.supabase ? 'supabase' : 'local',
    unavailable: (provider, access) => openers[provider].unavailable(settings, access),
    open: (provider, access, location = null) => openers[provider].open(settings, access, location),
    examine: async (provider, access, examination) =>
      openers[provider].examine(settings, access, examination),
    sweepLocalPartials: (options) => localService(settings).sweepPartials(options),
  }
}

function supabaseCaller(
  { url, anonKey, serviceRoleKey }: NonNullable<StorageSettings['supabase']>,
  supabaseToken: StorageAccess['supabaseToken'],
) {
  return {
    url,
    apiKey: anonKey,
    token: async () => supabaseToken?.() ?? serviceRoleKey,
    actsAs: supabaseToken ? ('user' as const) : ('service' as const),
  }
}

function localService({ local, observe }: StorageSettings): LocalStorageService {
  return createLocalStorageService({ ...local, ...(observe ? { observe } : {}) })
}

/** A recorded location wins over the secret as it is today: that one may have moved on. */
function s3Options(
  settings: StorageSettings,
  aws: AwsStorageSecret,
  location: StorageLocation | null,
): S3StorageOptions {
  const place = location?.bucket
    ? { bucket: location.bucket, region: location.region ?? aws.region, endpoint: location.endpoint }
    : { bucket: aws.bucket, region: aws.region, endpoint: aws.endpoint }
  const sameStore = place.endpoint === aws.endpoint
  return {
    ...place,
    accessKeyId: aws.accessKeyId,
    secretAccessKey: aws.secretAccessKey,
    forcePathStyle: (sameStore ? aws.forcePathStyle : null) ?? place.endpoint !== null,
    checksumMode: (sameStore ? aws.checksumMode : null) ?? 'none',
    conditionalWrites: sameStore && aws.conditionalWrites === true,
    allowPrivateAddresses: settings.allowPrivateAddresses,
    ...(settings.observe ? { observe: settings.observe } : {}),
    ...(settings.resolve ? { resolve: settings.resolve } : {}),
  }
}

/** Clients keep their connections open between requests, so one is kept for each set of credentials and place. */
const s3Services = new WeakMap<StorageSettings, Map<string, StorageService>>()
const s3ServicesMax = 100

function sharedS3Service(settings: StorageSettings, options: S3StorageOptions): StorageService {
  const services = s3Services.get(settings) ?? new Map<string, StorageService>()
  s3Services.set(settings, services)
  const { observe: _, resolve: __, ...identity } = options
  const id = createHash('sha256').update(JSON.stringify(identity)).digest('base64')
  const service = services.get(id) ?? createS3StorageService(options)
  // Taken out and put back at the end, so that the first is always the one that nobody used for longest.
  services.delete(id)
  services.set(id, service)
  if (services.size > s3ServicesMax) services.delete(services.keys().next().value!)
  return service
}

function awsNotConfigured(location: StorageLocation | null = null): AppError {
  const place = [`s3://${location?.bucket}`, location?.endpoint && `at ${location.endpoint}`]
  return misconfigured(
    'aws_not_configured',
    'AWS not configured',
    location?.bucket
      ? `This dataset lies in ${place.filter(Boolean).join(' ')}. Add an AWS key that may read it under Settings > Secrets (/settings/secrets).`
      : 'Add your AWS access key, region and bucket under Settings > Secrets (/settings/secrets), provider "aws".',
  )
}

function isSameAddress(one: string, other: string): boolean {
  const plain = (address: string) =>
    (URL.canParse(address) ? new URL(address).href : address).replace(/\/+$/, '')
  return plain(one) === plain(other)
}

/** There is one key, and it is the project's of today. */
function otherSupabaseProject({ bucket, endpoint }: StorageLocation, today: string): AppError {
  return misconfigured(
    'supabase_project_not_configured',
    'This lies in a Supabase project that is not set up here',
    `It is in the bucket ${bucket} at ${endpoint}, and SUPABASE_URL is ${today}. The operator can set SUPABASE_URL back, or, where the objects are in today's project too, say so: docs/guides/supabase.md, "When the address changes".`,
  )
}

function supabaseNotConfigured(): AppError {
  return misconfigured(
    'supabase_not_configured',
    'Supabase not configured',
    'The operator has to set SUPABASE_URL, SUPABASE_ANON_KEY and SUPABASE_SERVICE_ROLE_KEY.',
  )
}
