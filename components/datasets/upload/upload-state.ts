import type { ApiError } from '#lib/client/api-error.ts'
import { beginRate, type TransferRate } from '#lib/client/transfer-rate.ts'
import type { UploadRequest } from '#lib/client/uploads.ts'
import type { Dataset, IngestReport } from '#lib/training/dataset.types.ts'

/** What is being sent; kept after a refusal, so that it can be sent again with other settings. */
export type UploadOrder = Pick<UploadRequest, 'fileName' | 'fields'> & { file: File }

/** From this size on an upload can be broken off and go on; below, sending it again takes a moment. */
export const resumableFromBytes = 8_000_000

export const isResumable = ({ file }: UploadOrder): boolean => file.size >= resumableFromBytes

export interface Sending {
  phase: 'sending'
  order: UploadOrder
  sentBytes: number
  totalBytes: number
  /** As counted by the server; null until it has told. */
  rows: number | null
  startedAtMs: number
  rate: TransferRate
  /** Bytes that are there already are stored again: nothing is sent, and nothing can be called off. */
  storingAgain: boolean
  /** Why nothing is sent at the moment; it is being tried again. */
  interruption: ApiError | null
}

export type UploadState =
  | { phase: 'idle' }
  | Sending
  /** Stopped by the person; the server keeps what it has. */
  | { phase: 'paused'; order: UploadOrder; sentBytes: number; uploadId: string | null }
  | { phase: 'refused'; order: UploadOrder; error: ApiError; report: IngestReport | null }
  /** The store has the very same bytes already; nothing was made of these yet, and without an id nothing is kept. */
  | { phase: 'duplicate'; order: UploadOrder; uploadId: string | null; twin: Pick<Dataset, 'id' | 'name'> }
  /** `kept`: the server still has what was sent, so that a new try goes on there. */
  | { phase: 'failed'; order: UploadOrder; error: unknown; kept: boolean }
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
    storingAgain: false,
    interruption: null,
  }
}
