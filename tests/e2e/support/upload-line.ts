import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface UploadLine {
  /** The application's address, by this line. */
  url: string
  /** Where in the file each PATCH began, and how many bytes of it the browser sent; in order. */
  readonly patches: readonly Readonly<Patch>[]
  /** The application gets so many more bytes of files; then the line is silent, and what was begun stays open. */
  holdAfter(bytes: number): void
  /** Whether it is held now. */
  readonly isSilent: boolean
  /** Breaks every connection, with what was held on it, and takes no other before it is released. */
  cut(): void
  /** What was held goes on, and nothing is held or broken any more. */
  release(): void
  close(): Promise<void>
}

interface Patch {
  offset: number
  bytes: number
}

/**
 * The way from a browser to the application. It takes the bodies of PATCH requests as fast as the browser can send
 * them, whatever becomes of them, so that it counts all that has left.
 */
export async function openUploadLine(target: string): Promise<UploadLine> {
  const upstream = new URL(target)
  const patches: Patch[] = []
  const waiting: (() => void)[] = []
  let room = Number.POSITIVE_INFINITY
  let isCut = false

  const server = createServer((incoming, outgoing) => {
    if (isCut) return void incoming.socket.destroy()
    const onward = lead(upstream, incoming, outgoing)
    if (incoming.method !== 'PATCH') {
      incoming.pipe(onward)
      return
    }
    // The application can answer without having seen any of it.
    onward.flushHeaders()
    const patch = { offset: Number(incoming.headers['upload-offset']), bytes: 0 }
    patches.push(patch)
    const inOrder = (step: () => void) => (room > 0 && waiting.length === 0 ? step() : waiting.push(step))
    incoming.on('data', (chunk: Buffer) => {
      patch.bytes += chunk.length
      inOrder(() => {
        room -= chunk.length
        onward.write(chunk)
      })
    })
    incoming.on('end', () => inOrder(() => onward.end()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    patches,
    holdAfter(bytes) {
      room = bytes
    },
    get isSilent() {
      return room <= 0
    },
    release() {
      isCut = false
      room = Number.POSITIVE_INFINITY
      for (const step of waiting.splice(0)) step()
    },
    cut() {
      isCut = true
      waiting.length = 0
      server.closeAllConnections()
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function lead(upstream: URL, incoming: IncomingMessage, outgoing: ServerResponse) {
  const onward = request({
    host: upstream.hostname,
    port: upstream.port,
    method: incoming.method,
    path: incoming.url,
    headers: incoming.rawHeaders,
  })
  onward.on('error', () => outgoing.destroy())
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    answer.pipe(outgoing)
  })
  incoming.on('error', () => {})
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) onward.destroy()
  })
  return onward
}
