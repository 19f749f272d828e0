import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openWindowedFile } from '#cli/windowed-file.ts'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import {
  createUpload,
  getUpload,
  getUploadBeyond,
  listUploads,
  uploadedDataset,
} from '#lib/client/resumable-uploads.ts'
import { sendUpload } from '#lib/client/send-upload.ts'
import { createIngestEngine } from '#lib/ingest/ingest.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import { type AppProcess, spawnApp } from '../app/spawn-app.ts'
import { startStoreForUploads } from './stores-for-uploads.ts'

/** When a server dies: this share of the file has been sent, and then so many milliseconds have passed. */
export interface Kill {
  share: number
  milliseconds: number
}

export interface KilledUploads {
  store: StorageProvider
  file: string
  fileBytes: number
  /** For each upload of the file, when the server dies under it; in order. */
  uploads: Kill[][]
}

export interface KilledUploadsResult {
  store: StorageProvider
  server: string
  /** Of the same file ingested without any trouble. */
  expectedSha256: string
  uploads: { sha256: string; kills: { sentBytes: number; offset: number; resentBytes: number }[] }[]
  /** Whatever is left in the store besides the datasets. */
  leftovers: string[]
}

const token = 'owner-token-of-the-fault-runs'

/** Uploads a file to a real server process that is killed again and again, and says what came of it. */
export async function runKilledUploads(order: KilledUploads): Promise<KilledUploadsResult> {
  const dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-faults-'))
  const store = await startStoreForUploads(order.store)
  let app: AppProcess | null = null
  try {
    const settings = {
      DATA_DIR: dataDir,
      OWNER_TOKEN: token,
      PORT: String(await freePort()),
      ...store.settings,
    }
    const start = async () => {
      app = await spawnApp(settings)
      return app
    }
    const api: ApiConnection = { baseUrl: (await start()).url, token }
    await store.prepare(api)
    const uploads = []
    for (const kills of order.uploads) {
      const die = async () => {
        await app?.kill()
        await start()
      }
      uploads.push(await uploadOnce(api, order, kills, die))
    }
    const leftovers = [...(await unfinishedOn(api)), ...(await store.leftovers(dataDir))]
    const expectedSha256 = await sha256Of(order.file)
    return { store: order.store, server: store.server, expectedSha256, uploads, leftovers }
  } finally {
    await (app as AppProcess | null)?.kill()
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function uploadOnce(
  api: ApiConnection,
  { store, file, fileBytes }: KilledUploads,
  kills: Kill[],
  die: () => Promise<void>,
): Promise<KilledUploadsResult['uploads'][number]> {
  const metadata = { storage_provider: store, filename: 'rows.jsonl', on_duplicate: 'keep' as const }
  const id = await createUpload(api, { sizeBytes: fileBytes, metadata })
  const left = [...kills]
  const seen: KilledUploadsResult['uploads'][number]['kills'] = []
  let sentBytes = 0
  let dying: Promise<void> | null = null
  await sendUpload(api, id, await openWindowedFile(file, (beyond) => getUploadBeyond(api, { id, beyond })), {
    onProgress(sent) {
      sentBytes = sent
      const next = left[0]
      if (!next || dying || sent < next.share * fileBytes) return
      left.shift()
      dying = (async () => {
        await wait(next.milliseconds)
        const sentBefore = sentBytes
        await die()
        const { offset } = await getUpload(api, id)
        seen.push({ sentBytes: sentBefore, offset, resentBytes: Math.max(0, sentBefore - offset) })
        dying = null
      })()
    },
  })
  await dying
  const { dataset } = await uploadedDataset(api, id)
  return { sha256: dataset.sha256!, kills: seen }
}

const unfinishedOn = async (api: ApiConnection): Promise<string[]> =>
  (await listUploads(api)).uploads.map(({ id }) => `upload ${id}`)

async function sha256Of(file: string): Promise<string> {
  const engine = createIngestEngine({ workers: 2 })
  try {
    const limits = { rowBytesMax: 64 << 20, inflatedBytesMax: 1e12, inflationRatioMax: 200, depthMax: 200 }
    const run = engine.ingest(createReadStream(file), { declaredFormat: 'auto', onError: 'refuse', limits })
    for await (const _member of run.stream);
    return (await run.result).sha256
  } finally {
    await engine.close()
  }
}

/** A port that the server can have again after each death. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
