import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface FrontDoor {
  /** An address that is known before the application behind it has one. */
  url: string
  /** Several take their turns, and one that does not answer is passed over, as a balancer does it. */
  leadTo(...urls: string[]): void
  close(): Promise<void>
}

/** A public address on loopback, as a domain or a tunnel would be: for APP_BASE_URL. */
export async function openFrontDoor(): Promise<FrontDoor> {
  let ports: number[] = []
  let turn = 0
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    const tries = ports.map((_, next) => ports[(turn + next) % ports.length]!)
    turn += 1
    lead(socket, tries)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(...urls) {
      ports = urls.map((url) => Number(new URL(url).port))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function lead(socket: Socket, [port, ...others]: number[]): void {
  if (port === undefined) return void socket.destroy()
  const inside = connect(port, '127.0.0.1')
  const passOver = () => lead(socket, others)
  inside.once('error', passOver)
  inside.once('connect', () => {
    inside.off('error', passOver)
    inside.on('error', () => socket.destroy())
    socket.on('close', () => inside.destroy())
    socket.pipe(inside).pipe(socket)
  })
}
