import { expect, test } from 'vitest'
import { Interruption } from './interruption.ts'

const never = (): Promise<string> => new Promise(() => {})

test('a wait gives what it waited for', async () => {
  const interruption = new Interruption()
  await expect(interruption.wait(Promise.resolve('chunk'))).resolves.toBe('chunk')
  await expect(interruption.wait(Promise.reject(new Error('broken')))).rejects.toThrow('broken')
})

test('an interruption ends the wait that is under way, and every later one', async () => {
  const interruption = new Interruption()
  const waiting = interruption.wait(never())
  interruption.interrupt(new Error('first'))
  interruption.interrupt(new Error('second'))
  await expect(waiting).rejects.toThrow('first')
  await expect(interruption.wait(never())).rejects.toThrow('first')
  await expect(interruption.wait(Promise.resolve('late'))).rejects.toThrow('first')
})

test('a failure that comes after the interruption is no stray one', async () => {
  const interruption = new Interruption()
  const { promise, reject } = Promise.withResolvers<string>()
  const waiting = interruption.wait(promise)
  interruption.interrupt(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  reject(new Error('late'))
  await new Promise((resolve) => setImmediate(resolve))
})
