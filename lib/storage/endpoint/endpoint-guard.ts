import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { type AppError, isAppError, misconfigured } from '#lib/errors/app-error.ts'
import { addressRange } from './address-range.ts'

/** Names resolve through this; tests hand in one that changes its mind. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface GuardOptions {
  /** Lets addresses point into private and loopback ranges; metadata and link-local stay closed. */
  allowPrivateAddresses: boolean
  resolve?: Resolve
}

export interface GuardedAgents {
  http: HttpAgent
  https: HttpsAgent
}

/**
 * Agents for addresses that a user typed. The check happens on the very addresses that the socket connects to, so a
 * name that resolves differently a second later, or a redirect, passes through it too. A refusal is an AppError kind
 * `misconfigured`, code `address_refused`.
 */
export function guardedAgents(options: GuardOptions): GuardedAgents {
  const guardedLookup = lookupWithin(options)
  // One socket a part and some to spare; kept alive, because a handshake costs more than a small object.
  const settings = { keepAlive: true, maxSockets: 64, lookup: guardedLookup }
  const agents = { http: new HttpAgent(settings), https: new HttpsAgent(settings) }
  for (const agent of [agents.http, agents.https]) refuseLiterals(agent, options)
  return agents
}

/** Says early, with the field at hand, what the agents would refuse. Names are left to them. */
export function assertEndpointAllowed(endpoint: string, options: GuardOptions): URL {
  const url = URL.parse(endpoint)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw misconfigured(
      'invalid_endpoint',
      'The endpoint is not a web address',
      'Write it with its scheme, as in https://s3.example.com.',
    )
  }
  if (url.username || url.password || url.search || url.hash) {
    throw misconfigured(
      'invalid_endpoint',
      'The endpoint carries more than an address',
      'Leave out user names, passwords, "?" and "#".',
    )
  }
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal)) checkAddress(literal, literal, options)
  return url
}

function lookupWithin(options: GuardOptions): LookupFunction {
  const resolve: Resolve = options.resolve ?? lookup
  return (hostname, lookupOptions, callback) => {
    resolve(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      try {
        // One bad address spoils the name: which of them is tried first is not ours to choose.
        for (const { address } of addresses) checkAddress(address, hostname, options)
      } catch (refusal) {
        return callback(refusal as Error, [])
      }
      const [first] = addresses
      if (lookupOptions.all) callback(null, addresses)
      else if (first) callback(null, first.address, first.family)
      else callback(new Error(`${hostname} has no address`), [])
    })
  }
}

/** Sockets to an IP literal never look anything up, so the lookup hook does not see them. */
function refuseLiterals(agent: HttpAgent | HttpsAgent, options: GuardOptions): void {
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (target: { host?: string | null }, callback: unknown) => {
    const host = target.host ?? 'localhost'
    if (isIP(host)) checkAddress(host, host, options)
    return connect(target as never, callback as never)
  }
}

function checkAddress(address: string, host: string, options: GuardOptions): void {
  const range = addressRange(address)
  if (range === 'public' || (range === 'private' && options.allowPrivateAddresses)) return
  throw refusal(host, range)
}

function refusal(host: string, range: 'private' | 'never'): AppError {
  const fix =
    range === 'private'
      ? 'It is in a private network. The operator can allow that with ALLOW_PRIVATE_ADDRESSES=true.'
      : 'It is in a range that no store can be reached at.'
  return misconfigured('address_refused', `The address ${host} may not be reached from here`, fix)
}

/** The refusal inside an error that an SDK wrapped, or null. */
export function refusalIn(error: unknown): AppError | null {
  for (let link = error, depth = 0; link instanceof Error && depth < 5; link = link.cause, depth++) {
    if (isAppError(link) && link.code === 'address_refused') return link
  }
  return null
}
