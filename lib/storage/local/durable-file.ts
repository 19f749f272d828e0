import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Training data is nobody else's business on a shared machine. */
export const durableFileMode = 0o600
export const durableFolderMode = 0o700

/** Written at once, so that a source of small chunks does not cost a system call each. */
const blockBytes = 1024 * 1024
/** Handed to the disk as it comes, so that the last sync has little left to wait for. */
const syncBytes = 64 * 1024 * 1024

/** Writes and syncs a new file. While one block is being written the next is being read. */
export async function writeDurably(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
    durableFileMode,
  )
  let writing: Promise<void> = Promise.resolve()
  let syncing: Promise<void> = Promise.resolve()
  let unsynced = 0
  let block: Uint8Array[] = []
  let bytes = 0
  const flush = async () => {
    await writing
    writing = writeAll(file, block, bytes)
    // Awaited later; without this a failure in the meantime would count as unhandled.
    writing.catch(() => {})
    unsynced += bytes
    if (unsynced >= syncBytes) {
      unsynced = 0
      syncing = syncing.then(() => file.datasync())
      syncing.catch(() => {})
    }
    block = []
    bytes = 0
  }
  for await (const chunk of source) {
    block.push(chunk)
    bytes += chunk.byteLength
    if (bytes >= blockBytes) await flush()
  }
  await flush()
  await writing
  await syncing
  await file.datasync()
}

async function writeAll(file: FileHandle, chunks: Uint8Array[], bytes: number): Promise<void> {
  if (bytes === 0) return
  const { bytesWritten } = await file.writev(chunks)
  if (bytesWritten === bytes) return
  // A short write is how a disk says that it is about to be full: the rest tells the reason.
  const rest = Buffer.concat(chunks).subarray(bytesWritten)
  for (let sent = 0; sent < rest.byteLength; ) {
    sent += (await file.write(rest, sent)).bytesWritten
  }
}

/** Makes a folder and its parents, synced up to the one that was there before. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: durableFolderMode })
  // New folders are entries of their parents, which have to survive a power cut too.
  for (let made = path; first && made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made))
  }
}

/** Makes renames and removals inside the folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and needs no sync for a rename.
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}
