/** What every process stands on, the one that serves as well as one that only repairs: database, vault, stores. */
import { join } from 'node:path'
import type { Settings } from './config/settings.ts'
import { lockDataDir } from './db/data-dir-lock.ts'
import type { Database } from './db/database.ts'
import { openEmbeddedDatabase } from './db/embedded-database.ts'
import { migrate } from './db/migrate.ts'
import { openPostgresDatabase } from './db/postgres-database.ts'
import { createLogger } from './log/logger.ts'
import { deploymentCensus } from './metrics/deployment-census.ts'
import { createMetrics } from './metrics/metrics.ts'
import { deriveKey, type Keyring, loadKeyring } from './secrets/keyring.ts'
import { createReloadingBox } from './secrets/reloading-box.ts'
import { createSecretsManager } from './secrets/secrets-manager.service.ts'
import { createStorageAccess } from './secrets/storage-access.ts'
import type { Services } from './services.ts'
import { createStorageRegistry } from './storage/storage-registry.ts'

export type FoundationServices = Pick<
  Services,
  | 'settings'
  | 'log'
  | 'db'
  | 'metrics'
  | 'secrets'
  | 'sealedBox'
  | 'stores'
  | 'storageAccess'
  | 'linkKeys'
  | 'loopbackUrl'
  | 'publicUrl'
>

export interface Foundation {
  services: FoundationServices
  /** The keys as the settings or the key file have them now. */
  keyring: () => Keyring
  close(): Promise<void>
}

/** Takes the data folder where the database is embedded; rejects with `data_dir_in_use` where another process has it. */
export async function openFoundation(
  settings: Settings,
  kind: 'web' | 'worker' | 'maintenance',
): Promise<Foundation> {
  const log = createLogger(settings.LOG_LEVEL)
  const unlock = settings.DATABASE_URL ? () => {} : lockDataDir(settings.DATA_DIR)
  let db: Database | undefined
  const close = async () => {
    await db?.close()
    unlock()
  }
  try {
    const keyring = () => loadKeyring(settings.SECRETS_KEY, settings.DATA_DIR)
    const linkKeys = keyring().map((key) => deriveKey(key, 'local links'))
    db = await openDatabase(settings, (error) => log.warn({ err: error }, 'the database connection broke'))
    await migrate(db)
    const ownUrl = () => `http://${loopbackHost(settings.HOST)}:${settings.PORT}`
    // A worker answers nobody: what it starts calls the web processes.
    const loopbackUrl = () => (kind === 'worker' && settings.APP_BASE_URL) || ownUrl()
    const publicUrl = () => settings.APP_BASE_URL ?? loopbackUrl()
    const metrics = createMetrics(deploymentCensus(db))
    const sealedBox = createReloadingBox(keyring)
    const secrets = createSecretsManager({ db, log, box: sealedBox })
    const services: FoundationServices = {
      settings,
      log,
      db,
      metrics,
      secrets,
      sealedBox,
      storageAccess: createStorageAccess({ secrets, log }),
      stores: createStorageRegistry({
        local: { root: join(settings.DATA_DIR, 'datasets'), signingKey: linkKeys[0]!, baseUrl: publicUrl },
        supabase: supabaseOf(settings),
        allowPrivateAddresses: settings.ALLOW_PRIVATE_ADDRESSES,
        observe: metrics.noteStorage,
      }),
      linkKeys,
      loopbackUrl,
      publicUrl,
    }
    return { services, keyring, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openDatabase(settings: Settings, onError: (error: Error) => void): Promise<Database> {
  if (settings.DATABASE_URL) return openPostgresDatabase(settings.DATABASE_URL, onError)
  return openEmbeddedDatabase(join(settings.DATA_DIR, 'database'))
}

/** The Supabase project that the settings name, if they do. */
export function supabaseOf({ SUPABASE_URL, SUPABASE_ANON_KEY, SUPABASE_SERVICE_ROLE_KEY }: Settings) {
  if (!SUPABASE_URL || !SUPABASE_ANON_KEY || !SUPABASE_SERVICE_ROLE_KEY) return null
  return { url: SUPABASE_URL, anonKey: SUPABASE_ANON_KEY, serviceRoleKey: SUPABASE_SERVICE_ROLE_KEY }
}

/** An address to listen on everywhere is not one to call. */
function loopbackHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
