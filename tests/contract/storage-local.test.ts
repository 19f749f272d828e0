import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalStorageService } from '#lib/storage/local-storage-service.ts'
import { datasetIdOfKey } from '#lib/storage/storage-key.ts'
import { startLocalContentServer } from '#tests/support/storage/local-content-server.ts'
import { describeStorage } from './storage.contract.ts'

let cannotMount: string | undefined

describeStorage('local', {
  async start() {
    const root = await mkdtemp(join(tmpdir(), 'finetunelab-local-'))
    const signingKey = crypto.getRandomValues(new Uint8Array(32))
    const server = await startLocalContentServer(signingKey)
    const below = (folder: string) =>
      createLocalStorageService({ root: folder, signingKey, baseUrl: () => server.baseUrl })
    const small = join(root, 'small')
    cannotMount = await mountSmallDisk(small)
    return {
      server: 'this disk',
      storage: below(join(root, 'store')),
      partBytes: 1024 * 1024,
      nearlyFull: async () => below(small),
      beforeLink: (served, key) => server.serve(datasetIdOfKey(key), served, key),
      leftovers: async () => {
        const left = ['.partial', '.resumable'].map((folder) =>
          readdir(join(root, 'store', folder)).catch(() => []),
        )
        return (await Promise.all(left)).flat()
      },
      async close() {
        await server.close()
        if (!cannotMount) execFileSync('umount', [small])
        await rm(root, { recursive: true })
      },
    }
  },
  excused: () => ({
    metadata: 'files carry none; the database has it',
    'wrong-credentials': 'a disk asks for none',
    'missing-bucket': 'a disk has no buckets; the folder is made',
    faults: 'there is no connection that could break',
    ...(cannotMount ? { 'fills-up': cannotMount } : {}),
  }),
})

/** A disk of one megabyte. Answers why not, where mounting one is not permitted. */
async function mountSmallDisk(folder: string): Promise<string | undefined> {
  await mkdir(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'a small disk cannot be mounted without privileges; lib/storage/store-errors.test.ts covers the error'
  }
}
