import { operatorToken } from '#lib/auth/operator-token.ts'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { ApiError } from '#lib/client/api-error.ts'
import type { Settings } from '#lib/config/settings.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import { exitStatusByKind } from '#lib/errors/error-codes.ts'
import { type FoundationServices, openFoundation } from '#lib/foundation.ts'
import { loadKeyring } from '#lib/secrets/keyring.ts'

/**
 * Does a maintenance job here, or, when a running application holds the embedded database, has it done there over
 * HTTP. With DATABASE_URL it is done here, beside whatever runs.
 */
export async function maintain<T>(
  settings: Settings,
  job: { here(services: FoundationServices): Promise<T>; there(api: ApiConnection): Promise<T> },
): Promise<T> {
  const foundation = await openFoundation(settings, 'maintenance').catch((error: unknown) => {
    if (isAppError(error) && error.code === 'data_dir_in_use') return null
    throw error
  })
  if (!foundation) {
    const api = runningApplication(settings)
    console.error(`An application holds ${settings.DATA_DIR}; asking it at ${api.baseUrl}.`)
    return job.there(api)
  }
  try {
    return await job.here(foundation.services)
  } finally {
    await foundation.close()
  }
}

function runningApplication({ HOST, PORT, SECRETS_KEY, DATA_DIR }: Settings): ApiConnection {
  const host = HOST === '0.0.0.0' ? '127.0.0.1' : HOST.includes(':') ? '[::1]' : HOST
  const [newest] = loadKeyring(SECRETS_KEY, DATA_DIR)
  return { baseUrl: `http://${host}:${PORT}`, token: operatorToken(newest!) }
}

/** Runs a command's body; an error is shown as its message and what to do, and becomes the exit status. */
export async function runCommand(body: () => Promise<number>): Promise<never> {
  try {
    process.exit(await body())
  } catch (error) {
    if (isAppError(error)) {
      console.error([error.message, ...[error.details ?? []].flat()].join('\n  '))
      process.exit(exitStatusByKind[error.kind])
    }
    if (
      error instanceof Error &&
      String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')
    ) {
      console.error(error.message)
      process.exit(exitStatusByKind.invalid)
    }
    console.error(
      error instanceof ApiError ? [error.message, ...[error.details ?? []].flat()].join('\n  ') : error,
    )
    process.exit(1)
  }
}
