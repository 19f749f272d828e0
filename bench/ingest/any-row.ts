import type { BenchServer } from './bench-server.ts'
import { median, rounded } from './figures.ts'
import { runProcess } from './run-process.ts'

export interface AnyRowFigures {
  rowsInAll: number
  pageRows: number
  pages: number
  medianMilliseconds: number
  worstMilliseconds: number
  /** `zcat FILE | sed -n` for the same rows, at a few of the places. */
  sedMedianMilliseconds: number
}

const pageRows = 20
const pages = 60
const sedPages = 3

/** Pages at random places of a stored dataset: through the API, and by what a shell has. */
export async function measureAnyRow(
  server: BenchServer,
  { datasetId, storedFile }: { datasetId: string; storedFile: string },
): Promise<AnyRowFigures> {
  const page = (offset: number) =>
    server.get(`/api/training/dataset/${datasetId}/rows?offset=${offset}&limit=${pageRows}`)
  const { total } = (await page(0)).body as { total: number }
  const anywhere = (): number => Math.floor(Math.random() * (total - pageRows))
  for (let warm = 0; warm < 5; warm++) await page(anywhere())
  const milliseconds: number[] = []
  for (let time = 0; time < pages; time++) milliseconds.push((await page(anywhere())).milliseconds)
  const sed: number[] = []
  for (let time = 0; time < sedPages; time++) {
    // Spread evenly, since there are few of them.
    const first = Math.floor(((time + 0.5) / sedPages) * total) + 1
    const script = `zcat "$0" | sed -n "${first},${first + pageRows - 1}p;${first + pageRows - 1}q"`
    sed.push((await runProcess(['sh', '-c', script, storedFile])).seconds * 1000)
  }
  return {
    rowsInAll: total,
    pageRows,
    pages,
    medianMilliseconds: rounded(median(milliseconds), 1),
    worstMilliseconds: rounded(Math.max(...milliseconds), 1),
    sedMedianMilliseconds: Math.round(median(sed)),
  }
}
