import { type AddressInfo, connect, createServer } from 'node:net'

export interface FrontDoor {
  /** An address that is known before the application behind it has one. */
  url: string
  leadTo(url: string): void
  close(): Promise<void>
}

/** A public address on loopback, as a domain or a tunnel would be: for APP_BASE_URL. */
export async function openFrontDoor(): Promise<FrontDoor> {
  let port: number | null = null
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    if (port === null) return void socket.destroy()
    const inside = connect(port, '127.0.0.1')
    inside.on('error', () => socket.destroy())
    socket.on('close', () => inside.destroy())
    socket.pipe(inside).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(url) {
      port = Number(new URL(url).port)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
