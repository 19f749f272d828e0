import { CommanderError } from 'commander'
import { type ApiError, isApiError } from '#lib/client/api-error.ts'
import { type ErrorKind, isAppError } from '#lib/errors/app-error.ts'
import { exitStatusByKind, kindOfAnswer } from '#lib/errors/error-codes.ts'

/** An error as the command line tells it. */
export interface Failure {
  exitStatus: number
  message: string
  code: string
  details: unknown
  /** What to type or to do next. */
  suggestion: string | null
  requestId: string | undefined
}

const suggestions: Record<string, string> = {
  unreachable: 'Start the server with "npm start", or give its address with "finetunelab login --url".',
  duplicate_dataset: 'Add --keep-duplicate to store the same bytes again.',
  invalid_dataset:
    'Mend the file, or add --on-error skip to store its good rows. "finetunelab validate" checks without sending.',
  upload_busy: 'Wait for the other one to end, or stop it.',
  dataset_in_use: 'Cancel the job first: "finetunelab jobs cancel ID".',
}

const suggestionsByKind: Partial<Record<ErrorKind, string>> = {
  unauthenticated: 'Make a token under Settings > Tokens and run "finetunelab login".',
  not_found: 'List what there is with "finetunelab datasets ls" or "finetunelab jobs".',
  transient: 'Try again in a moment.',
}

export function failureOf(error: unknown): Failure {
  if (isApiError(error)) return ofApi(error)
  if (isAppError(error)) return failure(error.kind, error, undefined)
  if (error instanceof CommanderError) {
    const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n')
    return failure('invalid', { code: 'usage', message, details: more.join(' ') || undefined }, undefined)
  }
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES') {
    const words = {
      ENOENT: 'There is no such file',
      EISDIR: 'This is a folder',
      EACCES: 'The file may not be read',
    }
    const path = (error as NodeJS.ErrnoException).path
    return failure('invalid', { code: code.toLowerCase(), message: words[code], details: path }, undefined)
  }
  return {
    exitStatus: 1,
    message: message ?? String(error),
    code: 'internal',
    details: undefined,
    suggestion: null,
    requestId: undefined,
  }
}

function ofApi(error: ApiError): Failure {
  const kind =
    error.code === 'unreachable'
      ? 'transient'
      : error.code === 'aborted'
        ? 'aborted'
        : kindOfAnswer(error.status, error.code)
  if (kind === null) return { ...failure('transient', error, error.requestId), exitStatus: 1 }
  return failure(kind, error, error.requestId)
}

function failure(
  kind: ErrorKind,
  { code, message, details }: { code: string; message: string; details?: unknown },
  requestId: string | undefined,
): Failure {
  const suggestion = suggestions[code] ?? suggestionsByKind[kind] ?? null
  return { exitStatus: exitStatusByKind[kind], message, code, details, suggestion, requestId }
}
