import { setTimeout as wait } from 'node:timers/promises'

export interface EachJob<Item> {
  /** What is to be done now. */
  find(): Promise<Item[]>
  idOf(item: Item): string
  /** Never rejects. */
  work(item: Item): Promise<void>
  atOnce: number
  /** How often it is looked for more while something is still under way. */
  everyMilliseconds: number
  signal?: AbortSignal | undefined
}

/**
 * Works on all that is found, several at once and no job twice at a time, until nothing is under way any more. What takes
 * its time (the end of a machine is waited for, for minutes) keeps nothing else from being found and done meanwhile.
 */
export async function workOnEach<Item>(each: EachJob<Item>): Promise<void> {
  const underWay = new Map<string, Promise<void>>()
  do {
    for (const item of await findOrWait(each, underWay.size)) {
      const id = each.idOf(item)
      if (underWay.has(id)) continue
      if (underWay.size >= each.atOnce) await Promise.race(underWay.values())
      if (each.signal?.aborted) return
      underWay.set(
        id,
        each.work(item).finally(() => underWay.delete(id)),
      )
    }
    await allOrAWhile([...underWay.values()], each.everyMilliseconds)
  } while (underWay.size > 0 && !each.signal?.aborted)
}

/** While something is under way its end is waited for, whatever becomes of the search: nothing may be begun twice. */
function findOrWait<Item>({ find }: EachJob<Item>, underWay: number): Promise<Item[]> {
  return find().catch((error) => {
    if (underWay === 0) throw error
    return []
  })
}

async function allOrAWhile(works: Promise<void>[], milliseconds: number): Promise<void> {
  const stop = new AbortController()
  const aWhile = wait(milliseconds, undefined, { signal: stop.signal }).catch(() => {})
  await Promise.race([Promise.all(works), aWhile])
  stop.abort()
}
