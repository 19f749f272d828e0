import type { UploadState } from './upload-state.ts'

const askEveryMs = 1000

export type Change = (update: (before: UploadState) => UploadState) => void

export interface SendingOptions {
  signal: AbortSignal
  change: Change
  onSent: (sentBytes: number, totalBytes: number) => void
  /** Told the upload's id as soon as the server knows it. */
  onOpened: (uploadId: string) => void
}

/** Rows are known to the server alone. Until it knows the upload it answers 404; that is asked again. */
export async function followRows(
  ask: (signal: AbortSignal) => Promise<{ rows: number }>,
  signal: AbortSignal,
  change: Change,
) {
  while (!signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
    if (signal.aborted) return
    const progress = await ask(signal).catch(() => null)
    if (!progress) continue
    change((before) => (before.phase === 'sending' ? { ...before, rows: progress.rows } : before))
  }
}
