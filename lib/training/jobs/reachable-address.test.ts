import { expect, test } from 'vitest'
import { isReachable } from './reachable-address.ts'

const loopback = [
  'http://127.0.0.1:3000',
  'http://localhost:3000',
  'http://lab.localhost',
  'http://[::1]:3000',
]

test('no address is out of reach', () => {
  expect(isReachable({})).toBe(false)
})

test.each(['https://lab.example.com', 'http://192.0.2.7:3000'])('%s is within reach', (APP_BASE_URL) => {
  expect(isReachable({ APP_BASE_URL })).toBe(true)
})

test.each(loopback)('%s is out of reach of rented machines', (APP_BASE_URL) => {
  expect(isReachable({ APP_BASE_URL })).toBe(false)
  expect(isReachable({ APP_BASE_URL, RUNPOD_API_URL: 'https://proxy.example.com' })).toBe(false)
})

test.each(loopback)('%s is within reach of machines that a server here runs here', (APP_BASE_URL) => {
  expect(isReachable({ APP_BASE_URL, LAMBDA_API_URL: 'http://127.0.0.1:4010' })).toBe(true)
})
