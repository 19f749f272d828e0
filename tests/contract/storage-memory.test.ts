import { createMemoryStorageService } from '#lib/storage/memory-storage-service.ts'
import { datasetIdOfKey } from '#lib/storage/storage-key.ts'
import { startLocalContentServer } from '#tests/support/storage/local-content-server.ts'
import { describeStorage } from './storage.contract.ts'

const nothingBetween = 'nothing lies between the process and its own memory'

describeStorage('memory', {
  async start() {
    const signingKey = crypto.getRandomValues(new Uint8Array(32))
    const server = await startLocalContentServer(signingKey)
    const storage = createMemoryStorageService({ signingKey, baseUrl: () => server.baseUrl })
    return {
      server: 'this process',
      storage,
      partBytes: 1024 * 1024,
      beforeLink: (served, key) => server.serve(datasetIdOfKey(key), served, key),
      close: server.close,
    }
  },
  excused: () => ({
    'wrong-credentials': 'memory asks for none',
    'missing-bucket': 'memory has no buckets',
    faults: nothingBetween,
    'fills-up': 'memory has no limit of its own',
  }),
})
