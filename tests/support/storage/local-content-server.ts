import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isAppError } from '#lib/errors/app-error.ts'
import { verifyLocalSignature } from '#lib/storage/local/signature.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'

export interface LocalContentServer {
  baseUrl: string
  /** Which key a dataset id stands for; in the application the database knows. */
  serve(datasetId: string, storage: StorageService, key: string): void
  close(): Promise<void>
}

/** The least that the application's content route does: check the link, answer the whole object or one range. */
export async function startLocalContentServer(signingKey: Uint8Array): Promise<LocalContentServer> {
  const served = new Map<string, { storage: StorageService; key: string }>()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const datasetId = url.pathname.split('/')[4] ?? ''
    try {
      verifyLocalSignature(
        {
          datasetId,
          expires: url.searchParams.get('expires') ?? '',
          signature: url.searchParams.get('signature') ?? '',
        },
        [signingKey],
      )
      const { storage, key } = served.get(datasetId)!
      const size = (await storage.head(key))?.sizeBytes ?? 0
      const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
      const range = asked && {
        start: Number(asked[1]),
        end: Math.min(asked[2] ? Number(asked[2]) : size - 1, size - 1),
      }
      const body = await storage.getRange(key, range ?? undefined)
      response.writeHead(
        range ? 206 : 200,
        range ? { 'content-range': `bytes ${range.start}-${range.end}/${size}` } : { 'content-length': size },
      )
      for await (const chunk of body) response.write(chunk)
      response.end()
    } catch (error) {
      const status = isAppError(error)
        ? { denied: 403, not_found: 404, invalid: 416 }[error.kind as 'denied']
        : 500
      response.writeHead(status ?? 500).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (datasetId, storage, key) => void served.set(datasetId, { storage, key }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
