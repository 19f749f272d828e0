import type { Logger } from 'pino'
import type { Authenticator } from './auth/authenticate.ts'
import type { Identity } from './auth/identity.ts'
import type { Settings } from './config/settings.ts'
import type { Database } from './db/database.ts'
import type { IngestEngine } from './ingest/ingest.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { JobQueue } from './queue/job-queue.ts'
import type { SealedBox } from './secrets/sealed-box.ts'
import type { SecretsManager } from './secrets/secrets-manager.service.ts'
import type { StorageAccess, StorageRegistry } from './storage/storage-registry.ts'
import type { FindTokenJob } from './training/jobs/authenticate-job.ts'
import type { JobEventHub } from './training/jobs/job-event-hub.ts'
import type { TakeReport } from './training/jobs/take-reports.ts'
import type { Launchers } from './training/launchers/launcher.ts'

/** What operations may ask for; each names the few that it needs. `runtime.ts` makes them. */
export interface Services {
  settings: Settings
  log: Logger
  db: Database
  metrics: Metrics
  identity: Identity
  authenticator: Authenticator
  /** What programs of whoever runs this deployment prove themselves with; one for each key that there is now. */
  operatorTokens: () => string[]
  stores: StorageRegistry
  /** The keys to other services that users put in; each is opened for the one call that needs it. */
  secrets: SecretsManager
  /** The keys to stores that a user brings along. */
  storageAccess: (userId: string) => Promise<StorageAccess>
  /** Verify local download links; the first one signs. */
  linkKeys: readonly Uint8Array[]
  ingest: IngestEngine
  queue: JobQueue
  jobEvents: JobEventHub
  /** The living job of a runner's token. */
  findTokenJob: FindTokenJob
  /** Writes down what runners report, many at once. */
  takeReport: TakeReport
  launchers: Launchers
  /** What this deployment's machines carry in their names. */
  deploymentId: string
  sealedBox: SealedBox
  /** This process, as other processes know it. */
  processId: string
  /** Where a program on this machine reaches this application. */
  loopbackUrl: () => string
  /** Where anybody else does. */
  publicUrl: () => string
}
