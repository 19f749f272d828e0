import { expect, test } from 'vitest'
import { anyInOrder } from './any-in-order.ts'

test('tells of ranges in order whether they hold a number, and looks at each number a few times', () => {
  const odd = Array.from({ length: 1000 }, (_, i) => 2 * i + 1)
  let looks = 0
  const counted = new Proxy(odd, {
    get(target, key) {
      looks++
      return Reflect.get(target, key)
    },
  })
  const any = anyInOrder(counted)
  const answers = odd.map((number) => [any(number - 1, 1), any(number, 1)])
  expect(answers.every(([even, own]) => !even && own)).toBe(true)
  expect(any(1998, 1)).toBe(false)
  expect(any(2000, 5)).toBe(false)
  expect(looks).toBeLessThan(12 * odd.length)
})
