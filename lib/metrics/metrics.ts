import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { StorageObservation } from '#lib/storage/storage-observation.ts'

/** What the database is asked for when somebody reads the metrics. */
export interface MetricsCensus {
  /** Jobs that have not ended. */
  liveJobs(): Promise<{ provider: string; status: string; count: number }[]>
  /** Machines with our stamp that nobody wanted and that are not verified gone. */
  orphans(): Promise<{ provider: string; count: number }[]>
}

export interface Metrics {
  readonly contentType: string
  /** Seconds until the answer's head was ready; a body that streams takes its own time. */
  noteRequest(endpoint: string, status: number, seconds: number): void
  noteStorage(observation: StorageObservation): void
  /** The Prometheus text format, version 0.0.4. */
  text(): Promise<string>
}

const secondsBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600]

/** Counts of this process, and a census of the deployment. No label names a user, a dataset or a job. */
export function createMetrics(census: MetricsCensus): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const requests = new Histogram({
    name: 'finetunelab_http_request_seconds',
    help: 'Time until the head of an answer was ready, by endpoint and status',
    labelNames: ['endpoint', 'status'],
    buckets: secondsBuckets,
    registers,
  })
  const storageCalls = new Histogram({
    name: 'finetunelab_storage_call_seconds',
    help: 'Duration of calls to a store, by store, operation and outcome',
    labelNames: ['store', 'operation', 'outcome'],
    buckets: secondsBuckets,
    registers,
  })
  const storageBytes = new Counter({
    name: 'finetunelab_storage_bytes_total',
    help: 'Bytes of objects that went to or came from a store',
    labelNames: ['store', 'operation'],
    registers,
  })
  new Gauge({
    name: 'finetunelab_live_jobs',
    help: 'Jobs of the whole deployment that have not ended, by provider and status',
    labelNames: ['provider', 'status'],
    registers,
    async collect() {
      this.reset()
      for (const { count, ...labels } of await census.liveJobs()) this.set(labels, count)
    },
  })
  new Gauge({
    name: 'finetunelab_orphaned_machines',
    help: 'Machines of the whole deployment that no job wants and that are not verified gone, by provider',
    labelNames: ['provider'],
    registers,
    async collect() {
      this.reset()
      for (const { count, ...labels } of await census.orphans()) this.set(labels, count)
    },
  })

  return {
    contentType: registry.contentType,
    noteRequest: (endpoint, status, seconds) => requests.observe({ endpoint, status }, seconds),
    noteStorage({ provider, operation, outcome, milliseconds, bytes }) {
      storageCalls.observe({ store: provider, operation, outcome }, milliseconds / 1000)
      if (bytes > 0) storageBytes.inc({ store: provider, operation }, bytes)
    },
    text: () => registry.metrics(),
  }
}
