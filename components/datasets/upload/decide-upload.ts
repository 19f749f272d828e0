import { browserApi } from '#lib/client/browser-api.ts'
import { cancelUpload, keepDuplicate, uploadedDataset } from '#lib/client/resumable-uploads.ts'
import { isKept } from './run-upload.ts'
import type { UploadOrder, UploadState } from './upload-state.ts'

/** Lets the server forget an upload that was paused, or whose bytes are there already. */
export async function discardUpload(state: UploadState): Promise<void> {
  if (state.phase !== 'duplicate' && state.phase !== 'paused') return
  if (state.uploadId !== null) await cancelUpload(browserApi, state.uploadId)
}

/** Stores the same bytes a second time; nothing is sent again. Never throws. */
export async function storeDuplicate(order: UploadOrder, uploadId: string): Promise<UploadState> {
  try {
    await keepDuplicate(browserApi, { id: uploadId, sizeBytes: order.file.size })
    return { phase: 'done', ...(await uploadedDataset(browserApi, uploadId)) }
  } catch (error) {
    return { phase: 'failed', order, error, kept: await isKept(uploadId) }
  }
}
