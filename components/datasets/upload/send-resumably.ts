import { type ApiError, isApiError } from '#lib/client/api-error.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { fileFingerprint } from '#lib/client/file-fingerprint.ts'
import {
  cancelUpload,
  createUpload,
  getUpload,
  goesOnWith,
  listUploads,
  uploadedDataset,
} from '#lib/client/resumable-uploads.ts'
import { sendUpload } from '#lib/client/send-upload.ts'
import type { UploadResult } from '#lib/training/dataset.types.ts'
import { followRows, type SendingOptions } from './follow-rows.ts'
import type { UploadOrder, UploadState } from './upload-state.ts'

/** Sends a file so that it can go on elsewhere, and goes on itself where this or another machine broke off. */
export async function sendResumably(
  order: UploadOrder,
  { signal, change, onSent, onOpened }: SendingOptions,
): Promise<UploadResult> {
  const { file } = order
  const id = await openUpload(order, signal)
  onOpened(id)
  const ended = new AbortController()
  void followRows(
    (asking) => getUpload(browserApi, id, asking),
    AbortSignal.any([signal, ended.signal]),
    change,
  )
  try {
    await sendUpload(browserApi, id, file, {
      signal,
      onProgress: onSent,
      onInterrupted: (interruption) =>
        change((before) => (before.phase === 'sending' ? { ...before, interruption } : before)),
    })
    return await uploadedDataset(browserApi, id)
  } catch (error) {
    if (signal.aborted && signal.reason === 'cancel') await cancelUpload(browserApi, id).catch(() => {})
    throw isApiError(error) && error.code === 'duplicate_dataset' ? new DuplicateUpload(id, error) : error
  } finally {
    ended.abort()
  }
}

/** Waits for the person's answer; the server keeps the bytes meanwhile. */
class DuplicateUpload extends Error {
  readonly uploadId: string
  readonly answer: ApiError

  constructor(uploadId: string, answer: ApiError) {
    super(answer.message)
    this.uploadId = uploadId
    this.answer = answer
  }
}

export function duplicateOf(order: UploadOrder, error: unknown): UploadState | null {
  const uploadId = error instanceof DuplicateUpload ? error.uploadId : null
  const answer = error instanceof DuplicateUpload ? error.answer : error
  if (!isApiError(answer) || answer.code !== 'duplicate_dataset') return null
  const twin = answer.body.dataset as { id: string; name: string }
  return { phase: 'duplicate', order, uploadId, twin }
}

async function openUpload(order: UploadOrder, signal: AbortSignal): Promise<string> {
  const { file, fileName, fields } = order
  const fingerprint = await fileFingerprint(file)
  const { uploads } = await listUploads(browserApi, signal)
  const known = uploads.find((one) => goesOnWith(one, fingerprint, fields))
  if (known) return known.id
  const metadata = { ...fields, filename: fileName, fingerprint, on_duplicate: 'ask' as const }
  return createUpload(browserApi, { sizeBytes: file.size, metadata }, signal)
}
