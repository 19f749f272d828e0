import { expect, test } from 'vitest'
import { createLaunchers, type Launcher, type MachineOffer } from './launcher.ts'
import { readOffers } from './read-offers.ts'

function counting(answer: (asked: number) => Promise<MachineOffer[]>) {
  let asked = 0
  const launcher = { provider: 'runpod', offers: () => answer(++asked) } as unknown as Launcher
  const launchers = createLaunchers([launcher], () => new Error('none'))
  return { launchers, asked: () => asked }
}

test('a form that asks at every change makes one call a minute, for each user', async () => {
  const { launchers, asked } = counting(async () => [])
  let now = 0
  const read = (user: string) => readOffers(launchers, user, 'runpod', () => now)
  await Promise.all([read('a'), read('a'), read('a')])
  expect(asked()).toBe(1)
  await read('b')
  expect(asked()).toBe(2)
  now = 59_999
  await read('a')
  expect(asked()).toBe(2)
  now = 60_000
  await read('a')
  expect(asked()).toBe(3)
})

test('a failure is told to who waited for it, and asked anew by the next', async () => {
  const { launchers, asked } = counting(async (count) => {
    if (count === 1) throw new Error('down')
    return []
  })
  await expect(readOffers(launchers, 'a', 'runpod')).rejects.toThrow('down')
  await expect(readOffers(launchers, 'a', 'runpod')).resolves.toEqual([])
  expect(asked()).toBe(2)
})

test('the list that stands in for a provider gives way to its own within seconds', async () => {
  const offer = (priceSource: 'table' | 'provider') => ({ id: priceSource, priceSource }) as MachineOffer
  const { launchers } = counting(async (count) => [offer(count === 1 ? 'table' : 'provider')])
  let now = 0
  const read = async () => (await readOffers(launchers, 'a', 'runpod', () => now))[0]?.id
  expect(await read()).toBe('table')
  now = 4999
  expect(await read()).toBe('table')
  now = 5000
  expect(await read()).toBe('provider')
})
