import {
  type PutCheckpoint,
  type ResumablePut,
  type ResumablePuts,
  uploadSessionLost,
} from '../resumable-put.ts'
import type { PutOptions } from '../storage-service.ts'

type Publish = (key: string, bytes: Uint8Array, options: PutOptions) => void

/** The contract in its plainest form. */
export function memoryResumablePuts(publish: Publish): ResumablePuts {
  const unfinished = new Map<string, Uint8Array[]>()
  const committed = new Map<string, number>()

  const growing = (key: string, id: string, options: PutOptions, bytesBefore: number): ResumablePut => {
    let bytes = bytesBefore
    return {
      tailBytes: 0,
      async append(chunk) {
        unfinished.get(id)?.push(chunk.slice())
        bytes += chunk.length
      },
      checkpoint: async () => ({ storedBytes: bytes, tail: new Uint8Array(0), handle: { id } }),
      async commit() {
        const chunks = unfinished.get(id)
        if (!chunks && committed.get(id) !== bytes) throw uploadSessionLost('It was aborted.')
        if (!chunks) return
        publish(key, Buffer.concat(chunks), options)
        unfinished.delete(id)
        committed.set(id, bytes)
      },
      abort: async () => void unfinished.delete(id),
      release: async () => {},
    }
  }

  return {
    async begin(key, options = {}) {
      const id = crypto.randomUUID()
      unfinished.set(id, [])
      return growing(key, id, options, 0)
    },
    async resume(key, { handle, storedBytes }: PutCheckpoint, options = {}) {
      const id = String(handle.id)
      const chunks = unfinished.get(id)
      if (!chunks && !committed.has(id)) throw uploadSessionLost('It was aborted.')
      if (chunks) unfinished.set(id, [Buffer.concat(chunks).subarray(0, storedBytes)])
      return growing(key, id, options, storedBytes)
    },
    abort: async (_, { handle }) => void unfinished.delete(String(handle.id)),
  }
}
