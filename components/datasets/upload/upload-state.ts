import type { ApiError } from '#lib/client/api-error.ts'
import { beginRate, type TransferRate } from '#lib/client/transfer-rate.ts'
import type { UploadRequest } from '#lib/client/uploads.ts'
import type { Dataset, IngestReport } from '#lib/training/dataset.types.ts'

/** What is being sent; kept after a refusal, so that it can be sent again with other settings. */
export type UploadOrder = Pick<UploadRequest, 'fileName' | 'fields'> & { file: File }

export interface Sending {
  phase: 'sending'
  order: UploadOrder
  sentBytes: number
  totalBytes: number
  /** As counted by the server; null until it has told. */
  rows: number | null
  startedAtMs: number
  rate: TransferRate
}

export type UploadState =
  | { phase: 'idle' }
  | Sending
  | { phase: 'refused'; order: UploadOrder; error: ApiError; report: IngestReport | null }
  | { phase: 'failed'; order: UploadOrder; error: unknown }
  | { phase: 'done'; dataset: Dataset; report: IngestReport }

export function beginSending(order: UploadOrder, nowMs: number): Sending {
  return {
    phase: 'sending',
    order,
    sentBytes: 0,
    totalBytes: order.file.size,
    rows: null,
    startedAtMs: nowMs,
    rate: beginRate(nowMs),
  }
}
