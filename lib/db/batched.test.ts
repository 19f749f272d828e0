import { expect, test } from 'vitest'
import { batched } from './batched.ts'

function recorder(fails: (inputs: string[]) => boolean = () => false) {
  const calls: string[][] = []
  const run = async (inputs: string[]) => {
    calls.push(inputs)
    await new Promise((resolve) => setImmediate(resolve))
    if (fails(inputs)) throw new Error(`refused ${inputs}`)
    return inputs.map((input) => input.toUpperCase())
  }
  return { calls, call: batched({ run, keyOf: (input) => input[0]!, max: 3 }) }
}

test('what comes while a call is under way goes together with the next one', async () => {
  const { calls, call } = recorder()
  expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(call))).toEqual(['A', 'B', 'C', 'D', 'E'])
  expect(calls).toEqual([['a'], ['b', 'c', 'd'], ['e']])
})

test('two of one key are never in one call, and keep their order', async () => {
  const { calls, call } = recorder()
  expect(await Promise.all(['x', 'a1', 'a2', 'b'].map(call))).toEqual(['X', 'A1', 'A2', 'B'])
  expect(calls).toEqual([['x'], ['a1', 'b'], ['a2']])
})

test('one that is to blame does not take the others with it', async () => {
  const { call } = recorder((inputs) => inputs.includes('bad'))
  const settled = await Promise.allSettled(['x', 'a', 'bad', 'c'].map(call))
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
})
