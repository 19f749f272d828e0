/** The background process: the same runtime, no web. For deployments with a database that processes can share. */
import { processSettings } from '#lib/config/process-settings.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import { startRuntime } from '#lib/runtime.ts'

try {
  const runtime = await startRuntime(processSettings(), 'worker')
  console.log('FineTune Lab worker ready')
  const stop = async () => {
    await runtime.close()
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
} catch (error) {
  console.error(isAppError(error) ? [error.message, error.details].flat().join('\n  ') : error)
  process.exit(1)
}
