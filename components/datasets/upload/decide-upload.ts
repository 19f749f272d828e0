import { browserApi } from '#lib/client/browser-api.ts'
import { fileFingerprint } from '#lib/client/file-fingerprint.ts'
import { cancelUpload, keepDuplicate, listUploads, uploadedDataset } from '#lib/client/resumable-uploads.ts'
import type { UploadOrder, UploadState } from './upload-state.ts'

/** Lets the server forget an upload that was paused, or whose bytes are there already. */
export async function discardUpload(state: UploadState): Promise<void> {
  if (state.phase === 'duplicate' && state.uploadId !== null) return cancelUpload(browserApi, state.uploadId)
  if (state.phase !== 'paused') return
  const fingerprint = await fileFingerprint(state.order.file)
  const { uploads } = await listUploads(browserApi)
  for (const one of uploads)
    if (one.fingerprint === fingerprint && !one.active) await cancelUpload(browserApi, one.id)
}

/** Stores the same bytes a second time; nothing is sent again. Never throws. */
export async function storeDuplicate(order: UploadOrder, uploadId: string): Promise<UploadState> {
  try {
    await keepDuplicate(browserApi, { id: uploadId, sizeBytes: order.file.size })
    return { phase: 'done', ...(await uploadedDataset(browserApi, uploadId)) }
  } catch (error) {
    return { phase: 'failed', order, error }
  }
}
