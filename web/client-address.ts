import type { IncomingMessage } from 'node:http'

/**
 * Who sends a request: the other end of the socket, or, where that is a proxy of ours, the address that it wrote down.
 * Only the last entry of `X-Forwarded-For` is the proxy's; a client can have sent all the others itself.
 */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  { trustProxy }: { trustProxy: boolean },
): string {
  const forwarded = trustProxy ? [headers['x-forwarded-for'] ?? ''].flat().join(',') : ''
  return forwarded.split(',').at(-1)?.trim() || (socket.remoteAddress ?? '')
}
