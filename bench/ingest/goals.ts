import type { IngestBenchResult, LaneName, LaneResult } from '../ingest.ts'
import type { CorpusShape } from './corpus.ts'

export interface Goal {
  goal: string
  measured: string
  met: boolean
}

/** What the figures have to be. Rates of other formats and of other rivals are recorded, without a goal. */
export function goalsOf({
  lanes,
  memory,
  anyRow,
}: Pick<IngestBenchResult, 'lanes' | 'memory' | 'anyRow'>): Goal[] {
  const of = (lane: LaneName, corpus: CorpusShape = 'chatml.jsonl'): LaneResult =>
    lanes.find((result) => result.lane === lane && result.corpus === corpus)!
  const rate = ({ bytes, seconds }: LaneResult): number => bytes / seconds
  const ingest = of('ingest')
  const pigz = of('pigz -6')
  const larger = ingest.storedBytes! / pigz.storedBytes! - 1
  const [short, long] = memory.map(({ peakOverIdleBytes }) => peakOverIdleBytes / 1e6) as [number, number]
  return [
    atLeast('file to local store, times the rate of pigz -6', rate(ingest) / rate(pigz), 2),
    {
      goal: 'stored size at most 3 % above that of pigz -6',
      measured: `${(larger * 100).toFixed(2)} %`,
      met: larger <= 0.03,
    },
    atLeast('over HTTP, times the rate of pigz -6', rate(of('ingest over HTTP')) / rate(pigz), 1.5),
    atLeast('by push, times the rate of pigz -6', rate(of('ingest by push')) / rate(pigz), 1.5),
    atLeast(
      'a pretty array, times the rate of JSON Lines',
      rate(of('ingest', 'pretty-array.json')) / rate(ingest),
      0.7,
    ),
    {
      goal: `peak memory over idle at ${sizeOf(memory[1]!.bytes)}, at most 300 MB`,
      measured: `${Math.round(long)} MB`,
      met: long <= 300,
    },
    {
      goal: `the same within 10 % of that at ${sizeOf(memory[0]!.bytes)}`,
      measured: `${Math.round(long)} MB to ${Math.round(short)} MB`,
      met: long <= short * 1.1,
    },
    {
      goal: `${anyRow.pageRows} rows anywhere in ${sizeOf(memory[1]!.bytes)}, median under 30 ms`,
      measured: `${anyRow.medianMilliseconds} ms`,
      met: anyRow.medianMilliseconds < 30,
    },
  ]
}

const atLeast = (what: string, ratio: number, least: number): Goal => ({
  goal: `${what}, at least ${least}`,
  measured: ratio.toFixed(2),
  met: ratio >= least,
})

const sizeOf = (bytes: number): string => `${Number((bytes / 1e9).toFixed(1))} GB`
