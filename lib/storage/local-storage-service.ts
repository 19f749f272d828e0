import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { invalid } from '#lib/errors/app-error.ts'
import {
  durableFileMode as fileMode,
  durableFolderMode as folderMode,
  makeFolder,
  syncFolder,
  writeDurably,
} from './local/durable-file.ts'
import { localStorageError } from './local/errors.ts'
import { createLocalLink } from './local/link.ts'
import { readAhead } from './local/read-ahead.ts'
import { localResumablePuts, resumableFolder, sweepFolder, sweepResumables } from './local/resumable-put.ts'
import { storageCatalog } from './storage-catalog.ts'
import { objectNotFound, rangeBeyondEnd } from './storage-errors.ts'
import { type StorageAdapter, storageFacade } from './storage-facade.ts'
import type { ObserveStorage } from './storage-observation.ts'
import type { ListedObject, StorageService } from './storage-service.ts'

export interface LocalStorageOptions {
  /** Folder that holds the objects; made on first use. */
  root: string
  /** Secret of the download links, 32 bytes. */
  signingKey: Uint8Array
  /** Address at which this application serves them, without a trailing slash. */
  baseUrl: () => string
  observe?: ObserveStorage
}

export interface LocalStorageService extends StorageService {
  /**
   * Removes what earlier processes left half-written and tells how many. `alone` means that nobody else writes there:
   * else only what was not written to for long is nobody's.
   */
  sweepPartials(options: { alone: boolean }): Promise<number>
}

/*
 * On disk:
 *   <root>/<key>             a complete object, readable by this user only
 *   <root>/.partial/<uuid>   a put that is under way, or that a crash left behind
 *   <root>/.resumable/<uuid> a put that goes on after a crash
 * A put writes and syncs the partial, renames it to its key and syncs the folder: a reader, or a machine that
 * lost its power, sees the old object or the new one, never a part. Files carry no metadata; the database has it.
 */
const partialFolder = '.partial'
/** Whoever still sends writes more often than this. */
const abandonedMilliseconds = 3600 * 1000
const ownFolders = new Set([partialFolder, resumableFolder])

export function createLocalStorageService(options: LocalStorageOptions): LocalStorageService {
  const { root, signingKey, baseUrl, observe } = options
  const partials = join(root, partialFolder)

  const pathOf = (key: string): string => {
    if (ownFolders.has(key.split('/')[0]!)) {
      throw invalid('invalid_storage_key', 'The storage key cannot be used', 'It is reserved.')
    }
    return join(root, ...key.split('/'))
  }

  const adapter: StorageAdapter = {
    capabilities: storageCatalog.local.capabilities,
    location: { bucket: null, region: null, endpoint: null },

    async put(key, source, { signal }) {
      const target = pathOf(key)
      await mkdir(partials, { recursive: true, mode: folderMode })
      const partial = join(partials, crypto.randomUUID())
      try {
        await writeDurably(partial, source)
        signal?.throwIfAborted()
        await makeFolder(dirname(target))
        await rename(partial, target)
        await syncFolder(dirname(target))
      } catch (error) {
        await rm(partial, { force: true })
        throw localStorageError(error)
      }
    },

    resumable: localResumablePuts(root, pathOf),

    async head(key) {
      const info = await statOrNull(pathOf(key))
      if (!info?.isFile()) return null
      return {
        sizeBytes: info.size,
        contentType: key.endsWith('.gz') ? 'application/gzip' : null,
        lastModified: info.mtime,
        metadata: {},
      }
    },

    async getRange(key, range) {
      const file = await openToRead(pathOf(key))
      try {
        const info = await file.stat()
        if (!info.isFile()) throw objectNotFound()
        if (range && range.start >= info.size) {
          throw rangeBeyondEnd(`The object has ${info.size} bytes.`)
        }
        return readAhead(file, {
          start: range?.start ?? 0,
          end: Math.min((range?.end ?? info.size) + 1, info.size),
        })
      } catch (error) {
        await file.close()
        throw error
      }
    },

    signDownload: async (key, { expiresSeconds }) =>
      createLocalLink({ key, expiresSeconds, signingKey, baseUrl: baseUrl() }),

    async delete(key) {
      const path = pathOf(key)
      try {
        await unlink(path)
      } catch (error) {
        if (isMissing(error)) return { removed: false }
        throw localStorageError(error)
      }
      await syncFolder(dirname(path))
      return { removed: true }
    },

    list: (prefix) => walk(root, prefix),

    async probe() {
      try {
        await mkdir(partials, { recursive: true, mode: folderMode })
        const path = join(partials, crypto.randomUUID())
        await using file = await open(path, 'wx', fileMode)
        await file.write('probe')
        await rm(path)
      } catch (error) {
        throw localStorageError(error)
      }
    },
  }

  return {
    ...storageFacade('local', adapter, observe),
    sweepPartials: async ({ alone }) =>
      (await sweepFolder(partials, alone ? Number.NEGATIVE_INFINITY : abandonedMilliseconds)) +
      (await sweepResumables(root)),
  }
}

async function* walk(root: string, prefix: string): AsyncGenerator<ListedObject> {
  const folder = join(root, ...prefix.split('/'))
  for (const name of await namesIn(folder)) {
    if (prefix === '' && ownFolders.has(name)) continue
    const info = await statOrNull(join(folder, name))
    if (info?.isDirectory()) yield* walk(root, `${prefix}${name}/`)
    else if (info?.isFile()) yield { key: `${prefix}${name}`, sizeBytes: info.size, lastModified: info.mtime }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw localStorageError(error)
  }
}

async function statOrNull(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (isMissing(error)) return null
    throw localStorageError(error)
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw isMissing(error) ? objectNotFound() : localStorageError(error)
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'ENOENT' || code === 'ENOTDIR'
}
