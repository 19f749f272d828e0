/** The web process: the runtime with Next.js in front. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import next from 'next'
import { dispatch, dispatchAccounts } from '#lib/api/dispatch.ts'
import { findEndpoint } from '#lib/api/endpoints/index.ts'
import { processSettings } from '#lib/config/process-settings.ts'
import type { Settings } from '#lib/config/settings.ts'
import { isAppError, misconfigured } from '#lib/errors/app-error.ts'
import { startRuntime } from '#lib/runtime.ts'
import { setRuntimeHandle } from '#lib/server/runtime-handle.ts'
import { answerClientErrors } from './answer-client-error.ts'
import { refuseUnknownEndpoint } from './refuse-unknown-endpoint.ts'
import { renewSession } from './renew-session.ts'
import { secureRequest } from './secure-request.ts'

const isDevelopment = process.argv.includes('--dev')

async function main(): Promise<void> {
  const settings = processSettings()
  const runtime = await startRuntime(settings, 'web')
  setRuntimeHandle({
    dispatchAccounts: (request) => dispatchAccounts(runtime.services, request),
    async dispatch(path, request, params) {
      return dispatch(runtime.services, findEndpoint(request.method, path), request, params)
    },
  })

  const server = createServer()
  const app = next({
    dev: isDevelopment,
    dir: process.cwd(),
    hostname: settings.HOST,
    port: settings.PORT,
    httpServer: server,
  })
  await app.prepare()
  const handle = app.getRequestHandler()
  server.on('request', (request, response) => {
    secureRequest(request, response, { isDevelopment, trustProxy: settings.TRUST_PROXY })
    if (refuseUnknownEndpoint(request, response)) return
    renewSession(runtime.services.identity, request, response).then(
      () => handle(request, response),
      (error) => response.destroy(error),
    )
  })
  // An upload of hours is no attack; a sender of headers that takes minutes is.
  server.requestTimeout = 0
  server.headersTimeout = 30_000
  answerClientErrors(server)

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, settings)))
    server.listen(settings.PORT, settings.HOST, resolve)
  })
  const { port } = server.address() as AddressInfo
  settings.PORT = port
  const host = settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST
  console.log(`FineTune Lab ready at http://${host}:${port}`)

  const stop = async () => {
    server.close()
    server.closeAllConnections()
    await runtime.close()
    process.exit(0)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function listenError(error: NodeJS.ErrnoException, { HOST, PORT }: Settings): Error {
  if (error.code === 'EADDRINUSE')
    return misconfigured(
      'port_in_use',
      `Port ${PORT} is in use`,
      'Set PORT to another number, or stop what listens there.',
    )
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'EACCES')
    return misconfigured('cannot_listen', `${HOST}:${PORT} cannot be listened on`, 'Look at HOST and PORT.')
  return error
}

main().catch((error: unknown) => {
  if (isAppError(error)) {
    console.error(error.message)
    for (const line of [error.details ?? []].flat()) console.error(`  ${line}`)
  } else {
    console.error(error)
  }
  process.exit(1)
})
