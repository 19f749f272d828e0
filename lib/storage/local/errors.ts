import { type AppError, conflict, denied, isAppError, limit, misconfigured } from '#lib/errors/app-error.ts'

/** Names what the file system answered; errors without an errno that means something here pass as they are. */
export function localStorageError(error: unknown): unknown {
  if (isAppError(error)) return error
  return byErrno(error) ?? error
}

function byErrno(error: unknown): AppError | null {
  const { code, path } = error as { code?: string; path?: string }
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return limit('disk_full', 'The disk is full', 'Free some space below DATA_DIR and try again.', error)
    case 'EACCES':
    case 'EPERM':
      return denied(
        'storage_denied',
        'The operating system refused access to the storage folder',
        path,
        error,
      )
    case 'EROFS':
      return misconfigured('storage_read_only', 'The storage folder is on a read-only disk', path, error)
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
      // `a` is an object, `a/b` was asked for, or the other way round: a file system cannot hold both.
      return conflict('storage_key_conflict', 'Another object is in the way of this key', undefined, error)
    case 'EMFILE':
    case 'ENFILE':
      return limit('too_many_open_files', 'The process has too many files open', undefined, error)
    default:
      return null
  }
}
