import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

const from = (forwarded?: string | string[]) =>
  ({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress: '10.0.0.1' },
  }) as unknown as IncomingMessage

test('nobody can say who they are where no proxy is trusted', () => {
  expect(clientAddress(from('203.0.113.9'), { trustProxy: false })).toBe('10.0.0.1')
})

test('a trusted proxy says it last, whatever the client wrote before', () => {
  expect(clientAddress(from('198.51.100.1, 203.0.113.9'), { trustProxy: true })).toBe('203.0.113.9')
  expect(clientAddress(from(['198.51.100.1', '203.0.113.9']), { trustProxy: true })).toBe('203.0.113.9')
})

test('a request that came past the proxy counts as its socket', () => {
  expect(clientAddress(from(), { trustProxy: true })).toBe('10.0.0.1')
  expect(clientAddress(from(''), { trustProxy: true })).toBe('10.0.0.1')
})
