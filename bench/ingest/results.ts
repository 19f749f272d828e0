import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { IngestBenchResult, LaneResult } from '../ingest.ts'
import { memoryPlot } from './memory-plot.ts'

const plotFile = 'ingest-memory.svg'

/** `ingest.md`, `ingest.json` and the plot. */
export async function writeResults(folder: string, result: IngestBenchResult): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, plotFile), memoryPlot(result.memory))
  await writeFile(join(folder, 'ingest.md'), markdownOf(result))
  // The plot has the samples.
  const memory = result.memory.map(({ bytes, peakOverIdleBytes }) => ({ bytes, peakOverIdleBytes }))
  await writeFile(join(folder, 'ingest.json'), `${JSON.stringify({ ...result, memory }, null, 2)}\n`)
}

export function markdownOf({ date, threads, load, rounds, lanes, anyRow, goals }: IngestBenchResult): string {
  const met = goals.map(({ goal, measured, met }) => `| ${goal} | ${measured} | ${met ? 'yes' : 'no'} |`)
  return `# Ingest

Ingest checks, canonicalises, counts, hashes, compresses, indexes, reports and syncs what it stores to the disk. pigz only
compresses, jq only parses and prints, DuckDB reads and writes JSON. The same files, by turns, best of ${rounds}; client and server
on one machine. ${date}, ${threads} threads of ${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.version}; load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} behind.

| goal | measured | met |
|---|--:|---|
${met.join('\n')}

| file | lane | MB in | s | all rounds, s | MB/s | processor s | stored | peak over idle, MB |
|---|---|--:|--:|---|--:|--:|--:|--:|
${lanes.map(rowOf).join('\n')}

Rows anywhere: ${anyRow.pages} random pages of ${anyRow.pageRows} rows of ${anyRow.rowsInAll.toLocaleString('en')}, over HTTP from the local store: median ${anyRow.medianMilliseconds} ms, worst
${anyRow.worstMilliseconds} ms. \`zcat | sed\` for such a page: median ${anyRow.sedMedianMilliseconds.toLocaleString('en')} ms.

Idle alone differs by some megabytes from start to start: the memory of the short upload is the middle one of three.

![Resident memory of the server over that at idle, while it takes an upload](${plotFile})
`
}

function rowOf({
  corpus,
  lane,
  bytes,
  seconds,
  allSeconds,
  cpuSeconds,
  storedBytes,
  peakOverIdleBytes,
}: LaneResult) {
  return `| ${[
    corpus,
    lane,
    Math.round(bytes / 1e6),
    seconds.toFixed(2),
    allSeconds.map((one) => one.toFixed(1)).join(' '),
    (bytes / 1e6 / seconds).toFixed(1),
    cpuSeconds?.toFixed(1) ?? '',
    storedBytes === null ? '' : `${((storedBytes / bytes) * 100).toFixed(2)} %`,
    peakOverIdleBytes === null ? '' : Math.round(peakOverIdleBytes / 1e6),
  ].join(' | ')} |`
}
