import type { JobEvent, LogLine, MetricPoint } from '#lib/training/job.types.ts'

export interface MetricsBatch {
  id: number
  points: MetricPoint[]
}
export interface LogsBatch {
  id: number
  lines: LogLine[]
}
/** What a page has to ask the server about again. */
export type JobNews = Extract<JobEvent, { type: 'status' | 'notice' }>

/** Where a feed gets its events from; the real one asks the server. */
export interface JobSource {
  /** Batches above `after`, ascending; `more` says that another page follows. */
  metrics(after: number, signal: AbortSignal): Promise<{ batches: MetricsBatch[]; more: boolean }>
  /** The newest batches below `before` (of all, without it), ascending; `more` says that older ones exist. */
  logs(before: number | null, signal: AbortSignal): Promise<{ batches: LogsBatch[]; more: boolean }>
  /** An open stream of what comes after the event `after`. */
  open(after: number, listener: StreamListener): { close(): void }
}

export interface StreamListener {
  opened(): void
  event(id: number, type: JobEvent['type'], data: unknown): void
  /** The server has said everything: the job has ended. */
  ended(): void
  /** `retrying`: the stream itself connects again; otherwise it is dead. */
  broken(retrying: boolean): void
}

/** What a reader is told of the connection. */
export type Connection = 'loading' | 'connecting' | 'live' | 'reconnecting' | 'ended' | 'failed'

export interface FeedState {
  connection: Connection
  /** Grows whenever the measurements do. */
  metricsVersion: number
  logVersion: number
  /** Whether there are lines before the first that is held. */
  olderLogs: boolean
  loadingOlder: boolean
  /** Why the history could not be read. */
  error: unknown
}
