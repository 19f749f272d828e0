/**
 * One file through ingest into the local store, in a process of its own, so that its memory can be told from everything
 * else's. Checks, canonicalises, counts, compresses, hashes, indexes and reports; prints a FileLaneResult.
 */
import { createReadStream } from 'node:fs'
import { availableParallelism } from 'node:os'
import { holdFileOf } from '#cli/hold-in-file.ts'
import { createIngestEngine } from '#lib/ingest/ingest.ts'
import { encodeMemberIndex } from '#lib/ingest/member-index.ts'
import { createLocalStorageService } from '#lib/storage/local-storage-service.ts'
import type { LaneFigures } from './figures.ts'

const limits = { rowBytesMax: 64 << 20, inflatedBytesMax: 1e12, inflationRatioMax: 200, depthMax: 100 }

const [file, root] = process.argv.slice(2) as [string, string]
const engine = createIngestEngine({ workers: availableParallelism() })
const store = createLocalStorageService({
  root,
  signingKey: new Uint8Array(32),
  baseUrl: () => 'http://localhost',
})
globalThis.gc?.()
const idleBytes = process.memoryUsage.rss()
const cpuBefore = process.cpuUsage()
const start = performance.now()
const run = engine.ingest(createReadStream(file, { highWaterMark: 1 << 18 }), {
  declaredFormat: 'auto',
  onError: 'refuse',
  limits,
  hold: holdFileOf(file),
})
await store.put('bench/datasets/rows.jsonl.gz', run.stream)
const { storedSizeBytes, members } = await run.result
encodeMemberIndex(members)
const seconds = (performance.now() - start) / 1000
const { user, system } = process.cpuUsage(cpuBefore)
await engine.close()
const figures: LaneFigures = {
  seconds,
  cpuSeconds: (user + system) / 1e6,
  storedBytes: storedSizeBytes,
  peakOverIdleBytes: process.resourceUsage().maxRSS * 1024 - idleBytes,
}
process.stdout.write(JSON.stringify(figures))
