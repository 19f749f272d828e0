import { isApiError } from '#lib/client/api-error.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { getUpload } from '#lib/client/resumable-uploads.ts'
import { sendFormWithXhr } from '#lib/client/send-form-with-xhr.ts'
import { updateRate } from '#lib/client/transfer-rate.ts'
import { getUploadProgress, reportOf, uploadDataset } from '#lib/client/uploads.ts'
import type { UploadResult } from '#lib/training/dataset.types.ts'
import { type Change, followRows, type SendingOptions } from './follow-rows.ts'
import { randomId } from './random-id.ts'
import { duplicateOf, sendResumably } from './send-resumably.ts'
import { isResumable, type UploadOrder, type UploadState } from './upload-state.ts'

/** Why a running upload is aborted. */
export type StopReason = 'pause' | 'cancel'

/** Sends the file and says how far it is until it ends; the answer is the last state. Never throws. */
export async function runUpload(
  order: UploadOrder,
  signal: AbortSignal,
  change: Change,
): Promise<UploadState> {
  let sentBytes = 0
  let uploadId: string | null = null
  const onOpened = (id: string) => {
    uploadId = id
  }
  const onSent = (sent: number, total: number) => {
    sentBytes = sent
    change((before) => advance(before, sent, total))
  }
  try {
    const send = isResumable(order) ? sendResumably : sendAsForm
    return { phase: 'done', ...(await send(order, { signal, change, onSent, onOpened })) }
  } catch (error) {
    if (signal.aborted && signal.reason === 'pause') return { phase: 'paused', order, sentBytes, uploadId }
    if (signal.aborted) return { phase: 'idle' }
    if (isApiError(error) && error.code === 'invalid_dataset') {
      return { phase: 'refused', order, error, report: reportOf(error) }
    }
    const kept = uploadId !== null && (await isKept(uploadId))
    return duplicateOf(order, error) ?? { phase: 'failed', order, error, kept }
  }
}

/** Whether the server still has what was sent. One that cannot be asked has not said that it gave it up. */
export async function isKept(uploadId: string): Promise<boolean> {
  return getUpload(browserApi, uploadId).then(
    ({ status }) => status !== 'failed',
    (error) => !(isApiError(error) && error.status === 404),
  )
}

/** One request; what breaks is sent again whole. */
async function sendAsForm(
  order: UploadOrder,
  { signal, change, onSent }: SendingOptions,
): Promise<UploadResult> {
  const uploadId = randomId()
  const ended = new AbortController()
  const ask = (asking: AbortSignal) => getUploadProgress(browserApi, uploadId, asking)
  void followRows(ask, AbortSignal.any([signal, ended.signal]), change)
  try {
    const fields = { on_duplicate: 'ask' as const, ...order.fields }
    return await uploadDataset(browserApi, {
      ...order,
      fields,
      uploadId,
      signal,
      send: sendFormWithXhr,
      onSent,
    })
  } finally {
    ended.abort()
  }
}

function advance(before: UploadState, sentBytes: number, totalBytes: number): UploadState {
  if (before.phase !== 'sending') return before
  // What another visit sent is not this one's speed.
  const isFirst = before.sentBytes === 0 && sentBytes > 0
  const rate = isFirst
    ? { ...before.rate, measuredAtMs: performance.now(), measuredBytes: sentBytes }
    : updateRate(before.rate, sentBytes, performance.now())
  return { ...before, sentBytes, totalBytes, rate, interruption: null }
}
