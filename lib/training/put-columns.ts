import type { PutCheckpoint } from '#lib/storage/resumable-put.ts'

/** A checkpoint of a put as the columns that every table of unfinished uploads has. */
export const putColumns = ({ handle, storedBytes, tail }: PutCheckpoint) => ({
  put_handle: JSON.stringify(handle),
  put_stored_bytes: storedBytes,
  put_tail: tail.length > 0 ? tail : null,
})

/** The store has nothing that anybody would go on with. */
export const noPutColumns = { put_handle: null, put_stored_bytes: 0, put_tail: null }

interface PutRow {
  put_handle: unknown
  put_stored_bytes: number
  put_tail: Uint8Array | null
}

export function putOfColumns({ put_handle, put_stored_bytes, put_tail }: PutRow): PutCheckpoint | null {
  if (!put_handle) return null
  const handle = put_handle as PutCheckpoint['handle']
  return { handle, storedBytes: put_stored_bytes, tail: put_tail ?? new Uint8Array(0) }
}
