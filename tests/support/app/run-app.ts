/** The application without pages as a process of its own, for tests that kill it: settings from the environment. */
import { readSettings } from '#lib/config/settings.ts'
import { startRuntime } from '#lib/runtime.ts'
import type { Services } from '#lib/services.ts'
import { serveEndpoints } from '#web/endpoint-server.ts'

const settings = readSettings(process.env)
let services: Services | undefined
const server = await serveEndpoints(() => services as Services, settings.PORT)
settings.PORT = server.port
const runtime = await startRuntime(settings, 'web')
services = runtime.services
process.stdout.write(`ready http://127.0.0.1:${server.port}\n`)
// Whoever started it holds the other end of this pipe: when that process is gone, so is this one.
process.stdin.resume().once('end', () => process.exit(1))
process.once('SIGTERM', async () => {
  await server.close()
  await runtime.close()
  process.exit(0)
})
