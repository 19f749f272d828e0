/** The only place that wires things: settings in, a running application out. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createAuthenticator } from './auth/authenticate.ts'
import { createLocalIdentity } from './auth/local-identity.ts'
import type { Settings } from './config/settings.ts'
import { lockDataDir } from './db/data-dir-lock.ts'
import type { Database } from './db/database.ts'
import { openEmbeddedDatabase } from './db/embedded-database.ts'
import { migrate } from './db/migrate.ts'
import { openPostgresDatabase } from './db/postgres-database.ts'
import { createTurns } from './db/provider-turns.ts'
import { misconfigured } from './errors/app-error.ts'
import { createIngestEngine } from './ingest/ingest.ts'
import { createLogger } from './log/logger.ts'
import { createJobQueue } from './queue/job-queue.ts'
import { deriveKey, loadKeyring } from './secrets/keyring.ts'
import { createSealedBox } from './secrets/sealed-box.ts'
import { createSecretsManager } from './secrets/secrets-manager.service.ts'
import { createStorageAccess } from './secrets/storage-access.ts'
import type { Services } from './services.ts'
import { createStorageRegistry } from './storage/storage-registry.ts'
import { startCaretaker } from './training/caretaker.ts'
import { createJobEventHub } from './training/jobs/job-event-hub.ts'
import { launchJob } from './training/jobs/launch-job.ts'
import { createAllLaunchers } from './training/launchers/all-launchers.ts'

export interface Runtime {
  services: Services
  close(): Promise<void>
}

export interface RuntimeOptions {
  /** Tests launch on providers of their own. */
  makeLaunchers?: typeof createAllLaunchers
}

export async function startRuntime(
  settings: Settings,
  kind: 'web' | 'worker',
  { makeLaunchers = createAllLaunchers }: RuntimeOptions = {},
): Promise<Runtime> {
  const log = createLogger(settings.LOG_LEVEL)
  const undo: (() => unknown)[] = []
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    undo.push(lockIfEmbedded(settings, kind))
    const keyring = loadKeyring(settings.SECRETS_KEY, settings.DATA_DIR)
    const db = await openDatabase(settings, (error) =>
      log.warn({ err: error }, 'the database connection broke'),
    )
    undo.push(() => db.close())
    await migrate(db)

    const ownUrl = () => `http://${loopbackHost(settings.HOST)}:${settings.PORT}`
    // A worker answers nobody: what it starts calls the web processes.
    const loopbackUrl = () => (kind === 'worker' && settings.APP_BASE_URL) || ownUrl()
    const publicUrl = () => settings.APP_BASE_URL ?? loopbackUrl()
    const linkKeys = keyring.map((key) => deriveKey(key, 'local links'))
    const deployment = await db.service
      .selectFrom('app_deployment')
      .select(['id', 'signup_open'])
      .executeTakeFirstOrThrow()
    const identity = createLocalIdentity({
      db,
      baseUrl: publicUrl(),
      secret: Buffer.from(deriveKey(keyring[0]!, 'sessions')).toString('base64'),
      isSignupOpen: deployment.signup_open,
    })
    const ingest = createIngestEngine({
      workers: settings.WORKERS,
      tokenizerFile: settings.TOKENIZER_FILE ?? null,
    })
    undo.push(() => ingest.close())
    const queue = await createJobQueue({ db, log })
    undo.push(() => queue.stop())
    const jobEvents = await createJobEventHub(db)
    undo.push(() => jobEvents.close())

    const secrets = createSecretsManager({ db, log, keyring })
    const storageAccess = createStorageAccess({ secrets, log })
    const stores = createStorageRegistry({
      local: { root: join(settings.DATA_DIR, 'datasets'), signingKey: linkKeys[0]!, baseUrl: publicUrl },
      supabase: supabaseOf(settings),
      allowPrivateAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
    })

    const services: Services = {
      settings,
      log,
      db,
      identity,
      authenticator: createAuthenticator({ db, identity, ownerToken: settings.OWNER_TOKEN }),
      stores,
      secrets,
      storageAccess,
      linkKeys,
      ingest,
      queue,
      jobEvents,
      launchers: makeLaunchers({
        takeTurn: createTurns(db.service),
        settings,
        deploymentId: deployment.id,
        secrets,
        openBucket: async (userId, location) => stores.open('s3', await storageAccess(userId), location),
      }),
      deploymentId: deployment.id,
      sealedBox: createSealedBox(keyring),
      processId: await registerProcess(db, kind),
      loopbackUrl,
      publicUrl,
    }
    if (settings.OWNER_TOKEN) await identity.ensureOwner()
    await queue.workLaunches((jobId) => launchJob(services, jobId))
    const caretaker = await startCaretaker(services, { alone: db.kind === 'embedded' })
    undo.push(() => caretaker.stop())
    return { services, close }
  } catch (error) {
    await close()
    throw error
  }
}

function lockIfEmbedded(settings: Settings, kind: 'web' | 'worker'): () => void {
  if (settings.DATABASE_URL) return () => {}
  if (kind === 'worker') {
    throw misconfigured(
      'database_embedded',
      'A worker needs a shared database',
      'Set DATABASE_URL; with the embedded database the web process does all the work.',
    )
  }
  return lockDataDir(settings.DATA_DIR)
}

async function openDatabase(settings: Settings, onError: (error: Error) => void): Promise<Database> {
  if (settings.DATABASE_URL) return openPostgresDatabase(settings.DATABASE_URL, onError)
  return openEmbeddedDatabase(join(settings.DATA_DIR, 'database'))
}

function supabaseOf({ SUPABASE_URL, SUPABASE_ANON_KEY, SUPABASE_SERVICE_ROLE_KEY }: Settings) {
  if (!SUPABASE_URL || !SUPABASE_ANON_KEY || !SUPABASE_SERVICE_ROLE_KEY) return null
  return { url: SUPABASE_URL, anonKey: SUPABASE_ANON_KEY, serviceRoleKey: SUPABASE_SERVICE_ROLE_KEY }
}

async function registerProcess(db: Database, kind: 'web' | 'worker'): Promise<string> {
  const id = randomUUID()
  await db.service
    .insertInto('app_processes')
    .values({ id, kind, host: hostname(), pid: process.pid })
    .execute()
  return id
}

/** An address to listen on everywhere is not one to call. */
function loopbackHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
