import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type PutCheckpoint,
  type ResumablePut,
  type ResumablePuts,
  uploadSessionLost,
} from '../resumable-put.ts'
import { durableFileMode, durableFolderMode, makeFolder, syncFolder } from './durable-file.ts'
import { localStorageError } from './errors.ts'

/** Below the store's root; files in it have no key. */
export const resumableFolder = '.resumable'

/** Nobody comes back for a file that was not written for so long: a little longer than an upload session lives. */
const abandonedMilliseconds = 8 * 24 * 3600 * 1000

/** A file that grows, is synced at each checkpoint and renamed to its key at the end. Nothing is left for the tail. */
export function localResumablePuts(root: string, pathOf: (key: string) => string): ResumablePuts {
  const folder = join(root, resumableFolder)
  const fileOf = ({ handle }: PutCheckpoint) =>
    join(folder, String(handle.file).replaceAll(/[^0-9a-f-]/g, ''))

  return {
    async begin(key) {
      return named(async () => {
        await mkdir(folder, { recursive: true, mode: durableFolderMode })
        const name = crypto.randomUUID()
        const path = join(folder, name)
        const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
        const file = await open(path, flags, durableFileMode)
        return growingFile({ name, path, target: pathOf(key), file, bytes: 0 })
      })
    },

    async resume(key, checkpoint) {
      return named(async () => {
        const path = fileOf(checkpoint)
        const target = pathOf(key)
        const name = String(checkpoint.handle.file)
        const bytes = checkpoint.storedBytes
        const file = await open(path, constants.O_WRONLY).catch((error) => {
          if (error.code === 'ENOENT') return null
          throw error
        })
        if (!file) {
          const done = await stat(target).catch(() => null)
          if (!done || done.size < bytes) throw uploadSessionLost('The partial file is gone.')
          return growingFile({ name, path, target, file: null, bytes })
        }
        const { size } = await file.stat()
        if (size < bytes) {
          await file.close()
          throw uploadSessionLost(`The partial file has ${size} bytes in place of ${bytes}.`)
        }
        await file.truncate(bytes)
        return growingFile({ name, path, target, file, bytes })
      })
    },

    abort: (_, checkpoint) => named(() => rm(fileOf(checkpoint), { force: true })),
  }
}

/** Removes files that nobody came back for, and tells how many. */
export const sweepResumables = (root: string): Promise<number> =>
  sweepFolder(join(root, resumableFolder), abandonedMilliseconds)

/** Removes the files that were not written to for so long, and tells how many. */
export async function sweepFolder(folder: string, milliseconds: number): Promise<number> {
  let removed = 0
  for (const name of await readdir(folder).catch(() => [])) {
    const info = await stat(join(folder, name)).catch(() => null)
    if (!info || Date.now() - info.mtimeMs < milliseconds) continue
    await rm(join(folder, name), { force: true })
    removed += 1
  }
  return removed
}

interface Growing {
  name: string
  path: string
  target: string
  /** Null when the put was committed already. */
  file: FileHandle | null
  bytes: number
}

function growingFile(at: Growing): ResumablePut {
  let { file, bytes } = at
  const close = async () => {
    const open = file
    file = null
    await open?.close()
  }
  const committed = at.file === null
  return {
    tailBytes: 0,
    append: (chunk) =>
      named(async () => {
        for (let sent = 0; file && sent < chunk.length; )
          sent += (await file.write(chunk, sent, chunk.length - sent, bytes + sent)).bytesWritten
        bytes += chunk.length
      }),
    checkpoint: () =>
      named(async () => {
        await file?.datasync()
        return { storedBytes: bytes, tail: new Uint8Array(0), handle: { file: at.name } }
      }),
    commit: () =>
      named(async () => {
        if (committed) {
          const { size } = await stat(at.target)
          if (size !== bytes) throw uploadSessionLost('Another object has taken the place of this one.')
          return
        }
        await file?.datasync()
        await close()
        await makeFolder(dirname(at.target))
        await rename(at.path, at.target)
        await syncFolder(dirname(at.target))
      }),
    abort: () =>
      named(async () => {
        await close()
        await rm(at.path, { force: true })
      }),
    release: close,
  }
}

async function named<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw localStorageError(error)
  }
}
