/**
 * The application without pages as a process of its own, for tests that kill it: settings from the environment.
 * `node run-app.ts [web|worker] [quick]`; `quick`: with launchers that keep no pace, for doubles on this machine.
 */
import { readSettings } from '#lib/config/settings.ts'
import { startRuntime } from '#lib/runtime.ts'
import type { Services } from '#lib/services.ts'
import { quickLaunchers } from '#tests/support/providers/rented/quick-launchers.ts'
import { serveEndpoints } from '#web/endpoint-server.ts'

const [, , kind = 'web', pace] = process.argv
const settings = readSettings(process.env)
let services: Services | undefined
const server = kind === 'web' ? await serveEndpoints(() => services as Services, settings.PORT) : null
settings.PORT = server?.port ?? settings.PORT
const runtime = await startRuntime(
  settings,
  kind === 'web' ? 'web' : 'worker',
  pace === 'quick' ? { makeLaunchers: quickLaunchers } : {},
)
services = runtime.services
process.stdout.write(`ready http://127.0.0.1:${settings.PORT}\n`)
// Whoever started it holds the other end of this pipe: when that process is gone, so is this one.
process.stdin.resume().once('end', () => process.exit(1))
process.once('SIGTERM', async () => {
  await server?.close()
  await runtime.close()
  process.exit(0)
})
