import { describe, expect, it } from 'vitest'
import type { LogLine } from '#lib/training/job.types.ts'
import { LogFilter, occurrences } from './log-filter.ts'
import { type LogLevel, LogStore } from './log-store.ts'

const line = (text: string, level: LogLevel = 'info'): LogLine => ({
  at: '2026-01-01T00:00:00.000Z',
  stream: 'stderr',
  level,
  line: text,
})
const every = new Set<LogLevel>(['debug', 'info', 'warning', 'error'])
const textsOf = (store: LogStore) =>
  Array.from({ length: store.length }, (_, index) => store.text(store.start + index))
const matchesOf = (store: LogStore, filter: LogFilter) =>
  Array.from({ length: filter.length }, (_, index) => store.text(filter.position(index)))

describe('LogStore', () => {
  it('reads in order after growing at both ends', () => {
    const store = new LogStore()
    store.append(10, [line('c'), line('d')])
    store.prepend(7, [line('a'), line('b')])
    store.append(11, [line('e')])
    expect(textsOf(store)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(store.firstEventId).toBe(7)
    expect(store.lastEventId).toBe(11)
  })

  it('keeps no line twice when a connection repeats events', () => {
    const store = new LogStore()
    store.append(10, [line('a')])
    expect(store.append(10, [line('a')])).toBe(false)
    expect(store.append(9, [line('z')])).toBe(false)
    expect(store.prepend(10, [line('a')])).toBe(false)
    expect(textsOf(store)).toEqual(['a'])
  })

  it('keeps level, stream and time', () => {
    const store = new LogStore()
    store.append(1, [line('x', 'error')])
    expect(store.level(0)).toBe('error')
    expect(store.stream(0)).toBe('stderr')
    expect(store.time(0)).toBe(Date.UTC(2026, 0, 1))
  })

  it('holds 1,000,000 lines', () => {
    const store = new LogStore()
    for (let event = 1; event <= 1000; event++)
      store.append(
        event,
        Array.from({ length: 1000 }, (_, index) => line(`step ${index}`)),
      )
    expect(store.length).toBe(1_000_000)
    const filter = new LogFilter(store, { text: 'STEP 999', levels: every })
    while (!filter.scan(50_000));
    expect(filter.length).toBe(1000)
  })
})

describe('LogFilter', () => {
  it('follows a log that grows at both ends, and keeps the order', () => {
    const store = new LogStore()
    store.append(5, [line('loss 3'), line('noise')])
    const filter = new LogFilter(store, { text: 'loss', levels: every })
    filter.scan(100)
    store.append(6, [line('Loss 2')])
    store.prepend(4, [line('loss 4'), line('hum')])
    filter.scan(100)
    expect(matchesOf(store, filter)).toEqual(['loss 4', 'loss 3', 'Loss 2'])
  })

  it('looks at no more lines at a time than it is told', () => {
    const store = new LogStore()
    store.append(
      1,
      Array.from({ length: 10 }, () => line('x')),
    )
    const filter = new LogFilter(store, { text: 'x', levels: every })
    expect(filter.scan(4)).toBe(false)
    expect(filter.length).toBe(4)
    expect(filter.scan(6)).toBe(true)
  })

  it('filters by level', () => {
    const store = new LogStore()
    store.append(1, [line('a'), line('b', 'error')])
    const filter = new LogFilter(store, { text: '', levels: new Set<LogLevel>(['error']) })
    filter.scan(10)
    expect(matchesOf(store, filter)).toEqual(['b'])
  })

  it('takes the text literally', () => {
    const store = new LogStore()
    store.append(1, [line('a.b (c)'), line('axb')])
    const filter = new LogFilter(store, { text: 'a.b (', levels: every })
    filter.scan(10)
    expect(matchesOf(store, filter)).toEqual(['a.b (c)'])
    expect(occurrences('x [1/2] y [1/2]', '[1/2]')).toEqual([
      [2, 7],
      [10, 15],
    ])
  })
})
