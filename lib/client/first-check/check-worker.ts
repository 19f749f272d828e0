import { checkFirstBytes } from '#lib/ingest/check-first-bytes.ts'
import type { CheckRequest } from './check-file.ts'

const rowsShown = 3
const rowBytesMax = 64 * 1024 * 1024
const depthMax = 200

self.onmessage = async ({ data }: MessageEvent<CheckRequest>) => {
  const { head, declaredFormat, split, contextLength, partial } = data
  const options = {
    declaredFormat,
    partial,
    contextLength,
    rowBytesMax,
    depthMax,
    rowsMax: rowsShown,
    ...(split ? { split } : {}),
  }
  const { report, firstRows, refusal } = await checkFirstBytes(head, options)
  self.postMessage({
    report,
    firstRows,
    refusal: refusal ? { message: refusal.message, details: refusal.details } : null,
  })
}
