import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LogLine } from '#lib/training/job.types.ts'
import { JobFeed } from './job-feed.ts'
import type { JobNews, JobSource, LogsBatch, MetricsBatch, StreamListener } from './job-feed.types.ts'

const line = (text: string): LogLine => ({
  at: '2026-01-01T00:00:00.000Z',
  stream: 'stdout',
  level: 'info',
  line: text,
})

/** A server that the test speaks for. */
class FakeSource implements JobSource {
  metricsPages: MetricsBatch[][] = [[]]
  logPages: LogsBatch[][] = [[]]
  opened: { after: number; listener: StreamListener }[] = []
  fail: Error | null = null

  async metrics() {
    if (this.fail) throw this.fail
    const batches = this.metricsPages.shift() ?? []
    return { batches, more: this.metricsPages.length > 0 }
  }
  async logs() {
    if (this.fail) throw this.fail
    const batches = this.logPages.shift() ?? []
    return { batches, more: this.logPages.length > 0 }
  }
  open(after: number, listener: StreamListener) {
    this.opened.push({ after, listener })
    return { close: () => undefined }
  }
  get stream() {
    return this.opened.at(-1)?.listener as StreamListener
  }
}

const textsOf = (feed: JobFeed) =>
  Array.from({ length: feed.log.length }, (_, index) => feed.log.text(feed.log.start + index))

describe('JobFeed', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('reads all pages of measurements, then follows after the last known log event', async () => {
    const source = new FakeSource()
    source.logPages = [[{ id: 9, lines: [line('hello')] }]]
    source.metricsPages = [
      [{ id: 3, points: [{ step: 1, loss: 3 }] }],
      [{ id: 8, points: [{ step: 2, loss: 2 }] }],
    ]
    const feed = new JobFeed(source, () => undefined)
    await feed.start(false)
    expect([...feed.series.steps.view()]).toEqual([1, 2])
    expect(source.opened.map(({ after }) => after)).toEqual([9])
  })

  it('takes nothing twice when the stream repeats what the history held', async () => {
    const source = new FakeSource()
    source.logPages = [[{ id: 4, lines: [line('a')] }]]
    source.metricsPages = [[{ id: 5, points: [{ step: 1, loss: 3 }] }]]
    const feed = new JobFeed(source, () => undefined)
    await feed.start(false)
    source.stream.event(5, 'metrics', [{ step: 1, loss: 3 }])
    source.stream.event(4, 'logs', [line('a')])
    source.stream.event(6, 'logs', [line('b')])
    source.stream.event(6, 'logs', [line('b')])
    expect(textsOf(feed)).toEqual(['a', 'b'])
    expect(feed.series.length).toBe(1)
  })

  it('opens a dead stream again after the last event that it saw', async () => {
    const source = new FakeSource()
    const feed = new JobFeed(source, () => undefined)
    await feed.start(false)
    source.stream.opened()
    source.stream.event(7, 'logs', [line('a')])
    source.stream.broken(false)
    expect(feed.snapshot().connection).toBe('reconnecting')
    vi.advanceTimersByTime(1000)
    expect(source.opened.map(({ after }) => after)).toEqual([0, 7])
    source.stream.opened()
    expect(feed.snapshot().connection).toBe('live')
  })

  it('leaves reconnecting to a stream that does it by itself', async () => {
    const source = new FakeSource()
    const feed = new JobFeed(source, () => undefined)
    await feed.start(false)
    source.stream.broken(true)
    vi.advanceTimersByTime(60_000)
    expect(source.opened).toHaveLength(1)
    expect(feed.snapshot().connection).toBe('reconnecting')
  })

  it('opens no stream for a job that has ended, and stops when the server says so', async () => {
    const source = new FakeSource()
    const ended = new JobFeed(source, () => undefined)
    await ended.start(true)
    expect(source.opened).toHaveLength(0)
    expect(ended.snapshot().connection).toBe('ended')

    const live = new JobFeed(source, () => undefined)
    await live.start(false)
    source.stream.ended()
    expect(live.snapshot().connection).toBe('ended')
  })

  it('passes on changes of status and notices, and ignores what it does not understand', async () => {
    const source = new FakeSource()
    const news: JobNews[] = []
    const feed = new JobFeed(source, (one) => news.push(one))
    await feed.start(false)
    source.stream.event(1, 'status', { status: 'running', error: null })
    source.stream.event(2, 'status', { status: 'no such thing' })
    source.stream.event(3, 'metrics', null)
    const notice = { level: 'warning', code: 'budget_80', message: 'Nearly', at: '2026-01-01T00:00:00.000Z' }
    source.stream.event(4, 'notice', notice)
    expect(news).toEqual([
      { id: 1, type: 'status', data: { status: 'running', error: null } },
      { id: 4, type: 'notice', data: notice },
    ])
  })

  it('tells its listeners at most once in a quarter of a second', async () => {
    const source = new FakeSource()
    const feed = new JobFeed(source, () => undefined)
    await feed.start(false)
    const told = vi.fn()
    feed.subscribe(told)
    for (let id = 1; id <= 50; id++) source.stream.event(id, 'logs', [line(`${id}`)])
    expect(told).not.toHaveBeenCalled()
    vi.advanceTimersByTime(250)
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('fetches older lines in front of the others', async () => {
    const source = new FakeSource()
    source.logPages = [
      [{ id: 9, lines: [line('c')] }],
      [
        { id: 3, lines: [line('a')] },
        { id: 4, lines: [line('b')] },
      ],
    ]
    const feed = new JobFeed(source, () => undefined)
    await feed.start(true)
    expect(feed.snapshot().olderLogs).toBe(true)
    expect(await feed.loadOlder()).toBe(true)
    expect(textsOf(feed)).toEqual(['a', 'b', 'c'])
    expect(feed.snapshot().olderLogs).toBe(false)
  })

  it('fetches all older lines down to the first one, or until it is stopped', async () => {
    const source = new FakeSource()
    source.logPages = ['e', 'd', 'c', 'b', 'a'].map((text, at) => [{ id: 9 - at, lines: [line(text)] }])
    const feed = new JobFeed(source, () => undefined)
    await feed.start(true)
    const stop = new AbortController()
    const stopped = feed.loadAllOlder(stop.signal)
    stop.abort()
    await stopped
    expect(textsOf(feed)).toEqual(['d', 'e'])
    await feed.loadAllOlder(new AbortController().signal)
    expect(textsOf(feed)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('says why the history could not be read, and can begin again', async () => {
    const source = new FakeSource()
    source.fail = new Error('The server does not answer')
    const feed = new JobFeed(source, () => undefined)
    await feed.start(false)
    expect(feed.snapshot()).toMatchObject({ connection: 'failed', error: source.fail })
    source.fail = null
    await feed.start(false)
    expect(source.opened).toHaveLength(1)
  })
})
