import { jsonText } from '#lib/db/json-text.ts'
import type { AppError } from '#lib/errors/app-error.ts'
import { errorBodyOf } from '#lib/errors/error-codes.ts'
import type { Services } from '#lib/services.ts'
import type { ResumablePut } from '#lib/storage/resumable-put.ts'
import type { SessionRow, UploadTurn } from './session-row.ts'
import { noState } from './session-state.ts'

/** A refused file leaves nothing in the store. Its session still tells why, to a sender who missed the answer. */
export async function failUpload(
  { log }: Pick<Services, 'log'>,
  session: SessionRow,
  turn: UploadTurn,
  put: ResumablePut,
  refusal: AppError,
): Promise<AppError> {
  const { request_id: _, ...error } = errorBodyOf(refusal, '').body
  try {
    await put.abort()
    await turn.save({ ...noState, status: 'failed', error: jsonText(error) })
  } catch (cleanup) {
    // The session keeps what it knows of the store, and the sweep tries again when it has expired.
    log.warn({ err: cleanup, upload: session.id }, 'a refused upload was left for the sweep')
    await turn.save({ status: 'failed', error: jsonText(error) })
  }
  return refusal
}
