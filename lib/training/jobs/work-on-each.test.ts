import { expect, test } from 'vitest'
import { workOnEach } from './work-on-each.ts'

function jobs(...ids: string[]) {
  const waiting = new Set(ids)
  const done: string[] = []
  const slow = Promise.withResolvers<void>()
  let atOnce = 0
  let mostAtOnce = 0
  return {
    waiting,
    done,
    slow,
    most: () => mostAtOnce,
    each: {
      find: async () => [...waiting],
      idOf: (id: string) => id,
      async work(id: string) {
        mostAtOnce = Math.max(mostAtOnce, ++atOnce)
        await (id === 'slow' ? slow.promise : new Promise(setImmediate))
        atOnce--
        waiting.delete(id)
        done.push(id)
      },
      atOnce: 2,
      everyMilliseconds: 5,
    },
  }
}

test('one that takes its time keeps none that comes later from being done', async () => {
  const { waiting, done, slow, each } = jobs('slow', 'quick')
  const all = workOnEach(each)
  await expect.poll(() => done).toEqual(['quick'])
  waiting.add('later')
  await expect.poll(() => done).toEqual(['quick', 'later'])
  slow.resolve()
  await all
  expect(done).toEqual(['quick', 'later', 'slow'])
})

test('never more at once than are allowed, and each once', async () => {
  const { done, each, most } = jobs('a', 'b', 'c', 'd', 'e')
  await workOnEach(each)
  expect(done.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(most()).toBe(2)
})

test('takes up nothing more once it is aborted', async () => {
  const stop = new AbortController()
  const { waiting, done, slow, each } = jobs('slow')
  const all = workOnEach({ ...each, signal: stop.signal })
  stop.abort()
  waiting.add('later')
  await all
  slow.resolve()
  expect(done).toEqual([])
})
