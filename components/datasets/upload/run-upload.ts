import { isApiError } from '#lib/client/api-error.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { sendFormWithXhr } from '#lib/client/send-form-with-xhr.ts'
import { updateRate } from '#lib/client/transfer-rate.ts'
import { getUploadProgress, reportOf, uploadDataset } from '#lib/client/uploads.ts'
import { randomId } from './random-id.ts'
import type { UploadOrder, UploadState } from './upload-state.ts'

const askEveryMs = 1000
type Change = (update: (before: UploadState) => UploadState) => void

/** Sends the file and says how far it is until it ends; the answer is the last state. Never throws. */
export async function runUpload(
  order: UploadOrder,
  signal: AbortSignal,
  change: Change,
): Promise<UploadState> {
  const uploadId = randomId()
  const ended = new AbortController()
  void followRows(uploadId, AbortSignal.any([signal, ended.signal]), change)
  try {
    const result = await uploadDataset(browserApi, {
      ...order,
      uploadId,
      signal,
      send: sendFormWithXhr,
      onSent: (sentBytes, totalBytes) => change((before) => advance(before, sentBytes, totalBytes)),
    })
    return { phase: 'done', ...result }
  } catch (error) {
    if (signal.aborted) return { phase: 'idle' }
    if (isApiError(error) && error.code === 'invalid_dataset') {
      return { phase: 'refused', order, error, report: reportOf(error) }
    }
    return { phase: 'failed', order, error }
  } finally {
    ended.abort()
  }
}

function advance(before: UploadState, sentBytes: number, totalBytes: number): UploadState {
  if (before.phase !== 'sending') return before
  const rate = updateRate(before.rate, sentBytes, performance.now())
  return { ...before, sentBytes, totalBytes, rate }
}

/** Rows are known to the server alone. Until it knows the upload it answers 404; that is asked again. */
async function followRows(uploadId: string, signal: AbortSignal, change: Change) {
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
    if (signal.aborted) return
    const progress = await getUploadProgress(browserApi, uploadId, signal).catch(() => null)
    if (!progress) continue
    change((before) => (before.phase === 'sending' ? { ...before, rows: progress.rows } : before))
  }
}
