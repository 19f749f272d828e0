/** The only place, with `foundation.ts`, that wires things: settings in, a running application out. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { createAuthenticator } from './auth/authenticate.ts'
import type { Identity } from './auth/identity.ts'
import { createLocalIdentity } from './auth/local-identity.ts'
import { operatorToken } from './auth/operator-token.ts'
import { isSignupOpen } from './auth/signup.ts'
import { createSupabaseIdentity } from './auth/supabase/supabase-identity.ts'
import type { Settings } from './config/settings.ts'
import type { Database } from './db/database.ts'
import { ownDeploymentId } from './db/deployment.ts'
import { createTurns } from './db/provider-turns.ts'
import { isAppError, misconfigured } from './errors/app-error.ts'
import { type Foundation, openFoundation, supabaseOf } from './foundation.ts'
import { createIngestEngine } from './ingest/ingest.ts'
import { createJobQueue } from './queue/job-queue.ts'
import { deriveKey } from './secrets/keyring.ts'
import type { Services } from './services.ts'
import { startCaretaker } from './training/caretaker.ts'
import { createTokenFinder } from './training/jobs/authenticate-job.ts'
import { createJobEventHub } from './training/jobs/job-event-hub.ts'
import { launchJob } from './training/jobs/launch-job.ts'
import { createReportTaker } from './training/jobs/take-reports.ts'
import { createAllLaunchers, type LauncherNeeds } from './training/launchers/all-launchers.ts'
import type { Launchers } from './training/launchers/launcher.ts'

export interface Runtime {
  services: Services
  close(): Promise<void>
}

export interface RuntimeOptions {
  /** Tests launch on providers of their own. */
  makeLaunchers?: (needs: LauncherNeeds) => Launchers
}

export async function startRuntime(
  settings: Settings,
  kind: 'web' | 'worker',
  { makeLaunchers = createAllLaunchers }: RuntimeOptions = {},
): Promise<Runtime> {
  requireSharedDatabase(settings, kind)
  const foundation = await openFoundation(settings, kind)
  const { db, log, secrets, stores, storageAccess } = foundation.services
  const undo: (() => unknown)[] = [foundation.close]
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const deploymentId = await ownDeploymentId(db)
    const identity = createIdentity(foundation, deploymentId)
    const ingest = createIngestEngine({
      workers: settings.WORKERS,
      tokenizerFile: settings.TOKENIZER_FILE ?? null,
    })
    undo.push(() => ingest.close())
    const queue = await createJobQueue({ db, log })
    undo.push(() => queue.stop())
    const jobEvents = await createJobEventHub(db)
    undo.push(() => jobEvents.close())

    const services: Services = {
      ...foundation.services,
      identity,
      authenticator: createAuthenticator({ db, identity, ownerToken: settings.OWNER_TOKEN }),
      operatorTokens: () => foundation.keyring().map(operatorToken),
      ingest,
      queue,
      jobEvents,
      findTokenJob: createTokenFinder(db),
      takeReport: createReportTaker(db),
      launchers: makeLaunchers({
        takeTurn: createTurns(db.service),
        settings,
        deploymentId,
        secrets,
        openBucket: async (userId, location) => stores.open('s3', await storageAccess(userId), location),
      }),
      deploymentId,
      processId: await registerProcess(db, kind),
    }
    if (settings.OWNER_TOKEN)
      await identity.ensureOwner().catch((error: unknown) => {
        if (!isAppError(error) || !error.retryable) throw error
        // The first request with the token makes it.
        log.warn({ err: error }, 'the owner could not be made yet')
      })
    await queue.workLaunches((jobId) => launchJob(services, jobId))
    const caretaker = await startCaretaker(services, { alone: db.kind === 'embedded' })
    undo.push(() => caretaker.stop())
    return { services, close }
  } catch (error) {
    await close()
    throw error
  }
}

function createIdentity(
  { services: { db, log, settings, publicUrl }, keyring }: Foundation,
  deploymentId: string,
): Identity {
  const baseUrl = publicUrl()
  const project = supabaseOf(settings)
  if (settings.AUTH === 'supabase' && project)
    return createSupabaseIdentity({
      project,
      issuer: settings.SUPABASE_JWT_ISSUER,
      jwtSecret: settings.SUPABASE_JWT_SECRET,
      db,
      log,
      baseUrl,
      ownerId: deploymentId,
    })
  return createLocalIdentity({
    db,
    baseUrl,
    secret: Buffer.from(deriveKey(keyring()[0]!, 'sessions')).toString('base64'),
    isSignupOpen: () => isSignupOpen(db),
  })
}

function requireSharedDatabase(settings: Settings, kind: 'web' | 'worker'): void {
  if (settings.DATABASE_URL || kind === 'web') return
  throw misconfigured(
    'database_embedded',
    'A worker needs a shared database',
    'Set DATABASE_URL; with the embedded database the web process does all the work.',
  )
}

async function registerProcess(db: Database, kind: 'web' | 'worker'): Promise<string> {
  const id = randomUUID()
  await db.service
    .insertInto('app_processes')
    .values({ id, kind, host: hostname(), pid: process.pid })
    .execute()
  return id
}
