import { describe, expect, it } from 'vitest'
import { DistinctRows } from './distinct-rows.ts'

/** So many prints, of which every third was there before. */
function prints(count: number, seed: number): Uint32Array {
  const words = new Uint32Array(count * 2)
  for (let at = 0; at < count; at++) {
    const row = at % 3 === 2 ? at - 2 : at
    words[at * 2] = Math.imul(row + seed * 1_000_003, 2_654_435_761)
    words[at * 2 + 1] = row + seed
  }
  return words
}

describe('rows that were there before', () => {
  it('are counted exactly while they are few, and closely when they are many', () => {
    const rows = new DistinctRows()
    rows.add(prints(3000, 1))
    expect(rows.repeated()).toEqual({ rows: 1000, share: 1 })
    for (let block = 2; block < 60; block++) rows.add(prints(9000, block))
    const { rows: repeated, share } = rows.repeated()
    expect(share).toBeLessThan(1)
    expect(repeated / (1000 + 58 * 3000)).toBeGreaterThan(0.95)
    expect(repeated / (1000 + 58 * 3000)).toBeLessThan(1.05)
  })

  it('are counted the same by one that was saved as JSON after any block and restored', () => {
    let saved = new DistinctRows()
    const whole = new DistinctRows()
    for (let block = 0; block < 40; block++) {
      saved.add(prints(5000, block))
      whole.add(prints(5000, block))
      const state = JSON.parse(JSON.stringify(saved.save()))
      saved = new DistinctRows()
      saved.restore(state)
      expect(saved.repeated()).toEqual(whole.repeated())
    }
  })

  it('are saved with a table that stays the same object until much has come behind it', () => {
    const rows = new DistinctRows()
    rows.add(prints(9000, 0))
    const first = rows.save()
    rows.add(prints(1000, 1))
    const second = rows.save()
    expect(second.table).toBe(first.table)
    expect(second.later.length).toBeGreaterThan(first.later.length)
    for (let block = 2; block < 30; block++) rows.add(prints(9000, block))
    const third = rows.save()
    expect(third.table).not.toBe(first.table)
    expect(third.later).toBe('')

    const again = new DistinctRows()
    again.restore(third)
    expect(again.save().table).toBe(third.table)
  })
})
