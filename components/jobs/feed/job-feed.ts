import { SeriesStore } from '#components/charts/series-store.ts'
import { jobEventSchema, type LogLine, type MetricPoint } from '#lib/training/job.types.ts'
import { LogStore } from '../log/log-store.ts'
import type { FeedState, JobNews, JobSource } from './job-feed.types.ts'
import { Notifier } from './notifier.ts'

const notifyEveryMs = 250
const retryMs = [1000, 2000, 5000, 10_000, 30_000]

/**
 * Everything that is known of one job's course, kept current.
 *
 * Order matters: the end of the log is read first, then all measurements, then the stream begins after the last
 * log event. Whatever lies between arrives twice at most, and the stores take each event once.
 */
export class JobFeed {
  readonly series = new SeriesStore()
  readonly log = new LogStore()
  readonly #source: JobSource
  readonly #onNews: (news: JobNews) => void
  readonly #notifier = new Notifier(notifyEveryMs)
  #state: FeedState = {
    connection: 'loading',
    metricsVersion: 0,
    logVersion: 0,
    olderLogs: false,
    loadingOlder: false,
    error: null,
  }
  #abort = new AbortController()
  #stream: { close(): void } | null = null
  #retry: ReturnType<typeof setTimeout> | null = null
  #failures = 0
  #lastEventId = 0

  constructor(source: JobSource, onNews: (news: JobNews) => void) {
    this.#source = source
    this.#onNews = onNews
  }

  readonly subscribe = (listener: () => void) => this.#notifier.subscribe(listener)
  readonly snapshot = (): FeedState => this.#state

  /** Reads the history, then follows. `ended`: nothing more will come, so that no stream is opened. */
  async start(ended: boolean): Promise<void> {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    this.#change({ connection: 'loading', error: null }, true)
    try {
      await this.#readHistory(signal)
    } catch (error) {
      if (signal.aborted) return
      return this.#change({ connection: 'failed', error }, true)
    }
    if (signal.aborted) return
    if (ended) this.#change({ connection: 'ended' }, true)
    else this.#follow()
  }

  stop(): void {
    this.#abort.abort()
    this.#stream?.close()
    this.#stream = null
    if (this.#retry) clearTimeout(this.#retry)
  }

  /** One page of older lines; false when there are none, or when they are being fetched. */
  async loadOlder(): Promise<boolean> {
    if (!this.#state.olderLogs || this.#state.loadingOlder) return false
    const { signal } = this.#abort
    this.#change({ loadingOlder: true }, true)
    try {
      const { batches, more } = await this.#source.logs(this.log.firstEventId, signal)
      for (const batch of batches.toReversed()) this.log.prepend(batch.id, batch.lines)
      this.#change({ olderLogs: more, logVersion: this.#state.logVersion + 1 }, true)
      return batches.length > 0
    } finally {
      this.#change({ loadingOlder: false }, true)
    }
  }

  /** Page after page, to the first line or until `stopped`. */
  async loadAllOlder(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted && this.#state.olderLogs)
      if (!(await this.loadOlder())) await new Promise((resolve) => setTimeout(resolve, notifyEveryMs))
  }

  async #readHistory(signal: AbortSignal): Promise<void> {
    if (this.log.lastEventId === 0) {
      const { batches, more } = await this.#source.logs(null, signal)
      for (const batch of batches) this.log.append(batch.id, batch.lines)
      this.#change({ olderLogs: more, logVersion: this.#state.logVersion + 1 })
    }
    for (;;) {
      const { batches, more } = await this.#source.metrics(this.series.lastEventId, signal)
      for (const batch of batches) this.series.append(batch.id, batch.points)
      this.#change({ metricsVersion: this.#state.metricsVersion + 1 })
      if (!more || batches.length === 0) break
    }
    this.#lastEventId = Math.max(this.#lastEventId, this.log.lastEventId)
  }

  #follow(): void {
    this.#change({ connection: this.#failures ? 'reconnecting' : 'connecting' }, true)
    this.#stream?.close()
    this.#stream = this.#source.open(this.#lastEventId, {
      opened: () => {
        this.#failures = 0
        this.#change({ connection: 'live' }, true)
      },
      event: (id, type, data) => this.#take(id, type, data),
      ended: () => {
        this.#stream?.close()
        this.#change({ connection: 'ended' }, true)
      },
      broken: (retrying) => {
        this.#change({ connection: 'reconnecting' }, true)
        if (!retrying) this.#followLater()
      },
    })
  }

  #followLater(): void {
    this.#stream?.close()
    const wait = retryMs[Math.min(this.#failures++, retryMs.length - 1)]
    this.#retry = setTimeout(() => this.#follow(), wait)
  }

  #take(id: number, type: string, data: unknown): void {
    const parsed = jobEventSchema.safeParse({ id, type, data })
    this.#lastEventId = Math.max(this.#lastEventId, id)
    if (!parsed.success) return
    const event = parsed.data
    if (event.type === 'status' || event.type === 'notice') this.#onNews(event)
    else if (event.type === 'metrics') this.#takeMetrics(id, event.data)
    else if (event.type === 'logs') this.#takeLogs(id, event.data)
  }

  #takeMetrics(id: number, points: MetricPoint[]): void {
    if (this.series.append(id, points)) this.#change({ metricsVersion: this.#state.metricsVersion + 1 })
  }

  #takeLogs(id: number, lines: LogLine[]): void {
    if (this.log.append(id, lines)) this.#change({ logVersion: this.#state.logVersion + 1 })
  }

  #change(part: Partial<FeedState>, atOnce = false): void {
    this.#state = { ...this.#state, ...part }
    if (atOnce) this.#notifier.flush()
    else this.#notifier.changed()
  }
}
