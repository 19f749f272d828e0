import { createServer } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertEndpointAllowed, type GuardedAgents, guardedAgents, type Resolve } from './endpoint-guard.ts'
import { guardedFetch } from './guarded-fetch.ts'

const server = createServer((_, response) => response.end('inside'))
let port: number
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => void server.close())

const refused = expect.objectContaining({ kind: 'misconfigured', code: 'address_refused' })
const answering = (...addresses: string[]): Resolve => {
  const queue = [...addresses]
  return (_, __, done) => done(null, [{ address: queue.length > 1 ? queue.shift()! : queue[0]!, family: 4 }])
}
const lookUp = (agents: GuardedAgents, options = {}) =>
  new Promise((resolve, reject) => {
    const { lookup } = (agents.http as unknown as { options: { lookup: LookupFunction } }).options
    lookup('store.example', options, (error, address) => (error ? reject(error) : resolve(address)))
  })

describe('guarded agents', () => {
  it('look again at every connection, so that a name cannot change its mind', async () => {
    const agents = guardedAgents({ allowPrivateAddresses: false, resolve: answering('8.8.8.8', '127.0.0.1') })
    expect(await lookUp(agents)).toBe('8.8.8.8')
    await expect(lookUp(agents)).rejects.toEqual(refused)
    await expect(guardedFetch(new URL(`http://store.example:${port}`), agents)).rejects.toEqual(refused)
  })

  it('refuse a name when any of its addresses is inside', async () => {
    const resolve: Resolve = (_, __, done) =>
      done(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '::ffff:10.0.0.1', family: 6 },
      ])
    const agents = guardedAgents({ allowPrivateAddresses: false, resolve })
    await expect(lookUp(agents, { all: true })).rejects.toEqual(refused)
  })

  it.each(['127.0.0.1', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0'])(
    'refuse the literal %s, which is never looked up',
    async (host) => {
      const agents = guardedAgents({ allowPrivateAddresses: false })
      await expect(guardedFetch(new URL(`http://${host}:${port}`), agents)).rejects.toEqual(refused)
    },
  )

  it('let private addresses through where that is allowed, metadata never', async () => {
    const agents = guardedAgents({ allowPrivateAddresses: true, resolve: answering('127.0.0.1') })
    const { body } = await guardedFetch(new URL(`http://store.example:${port}`), agents)
    expect(String(body)).toBe('inside')
    await expect(guardedFetch(new URL('http://169.254.169.254/latest'), agents)).rejects.toEqual(refused)
    agents.http.destroy()
  })
})

describe('assertEndpointAllowed', () => {
  const check = (endpoint: string) => assertEndpointAllowed(endpoint, { allowPrivateAddresses: false })

  it('takes addresses of stores', () => {
    expect(check('https://s3.example.com').host).toBe('s3.example.com')
    expect(check('https://project.supabase.co/storage/v1/s3').pathname).toBe('/storage/v1/s3')
  })

  it.each([
    's3.example.com',
    'ftp://s3.example.com',
    'file:///etc/passwd',
    '',
    'https://a:b@s3.example.com',
    'https://s3.example.com/?x=1',
  ])('refuses %j', (endpoint) => {
    expect(() => check(endpoint)).toThrow(expect.objectContaining({ code: 'invalid_endpoint' }))
  })
})
