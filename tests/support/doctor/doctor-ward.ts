import { randomBytes } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { type DoctorOptions, doctorOptionsSchema, type Finding } from '#lib/training/doctor/doctor.types.ts'
import { examineStores } from '#lib/training/doctor/examine-stores.ts'
import { startApp, type TestApp } from '../app/start-app.ts'
import { startStoreForUploads } from '../uploads/stores-for-uploads.ts'

interface LegacyRow {
  name: string
  storage_path: string | null
  storage_provider?: StorageProvider
}

/** An application with one store, whose rows and objects a test puts at odds before the doctor comes. */
export interface Ward {
  app: TestApp
  store: StorageService
  userId: string
  upload(name: string, rows: readonly unknown[]): Promise<Dataset>
  /** What the doctor says; `grace_minutes` is 0 where absent. */
  examine(options?: Partial<DoctorOptions>): Promise<Finding[]>
  status(datasetId: string): Promise<string | null>
  rows(datasetId: string, query?: string): Promise<{ status: number; rows: unknown[]; total: number }>
  /** A row as an installation from before had it, after the migrations; answers its id. */
  addLegacyRow(values: LegacyRow): Promise<string>
  put(key: string, bytes: Uint8Array, metadata?: Record<string, string>): Promise<void>
  read(key: string): Promise<Buffer>
  close(): Promise<void>
}

export async function openWard(provider: StorageProvider): Promise<Ward> {
  const server = await startStoreForUploads(provider)
  const app = await startApp({ settings: server.settings })
  await server.prepare({ baseUrl: app.url, token: app.ownerToken })
  const { services } = app
  const { id: userId } = await services.identity.ensureOwner()
  const store = services.stores.open(provider, await services.storageAccess(userId))

  return {
    app,
    store,
    userId,
    async upload(name, rows) {
      const form = new FormData()
      form.set('name', name)
      form.set('storage_provider', provider)
      form.set('on_duplicate', 'keep')
      form.set('file', new Blob([jsonl(rows)]), 'rows.jsonl')
      const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
      if (answer.status !== 201) throw new Error(`The upload was refused: ${await answer.text()}`)
      return ((await answer.json()) as { dataset: Dataset }).dataset
    },
    async examine(options = {}) {
      const all = doctorOptionsSchema.parse({ grace_minutes: 0, ...options })
      const findings: Finding[] = []
      for await (const event of examineStores(services, all, new AbortController().signal))
        if (event.type === 'finding') findings.push(event.finding)
      return findings
    },
    async status(id) {
      const rows = services.db.service.selectFrom('training_datasets').select('status').where('id', '=', id)
      return (await rows.executeTakeFirst())?.status ?? null
    },
    async rows(id, query = 'limit=100') {
      const answer = await app.asOwner(`/api/training/dataset/${id}/rows?${query}`)
      return { ...((await answer.json()) as { rows: unknown[]; total: number }), status: answer.status }
    },
    async addLegacyRow(values) {
      const { id } = await services.db.service
        .insertInto('training_datasets')
        .values({ user_id: userId, status: 'failed', storage_provider: provider, ...values })
        .returning('id')
        .executeTakeFirstOrThrow()
      return id
    },
    async put(key, bytes, metadata = {}) {
      await store.put(key, once(bytes), { contentType: 'application/gzip', metadata })
    },
    async read(key) {
      const chunks: Uint8Array[] = []
      for await (const chunk of await store.getRange(key)) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    async close() {
      await app.close()
      await server.close()
    },
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

export const jsonl = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('')

export const chat = (n: number, answer = String(2 * n)) => ({
  messages: [
    { role: 'user', content: `What is ${n} and ${n}?` },
    { role: 'assistant', content: answer },
  ],
})
export const chats = (count: number) => Array.from({ length: count }, (_, n) => chat(n))

/** Long rows that compress badly, so that a few thousand of them fill several members. */
export const longChats = (count: number) =>
  Array.from({ length: count }, (_, n) => chat(n, [...randomBytes(1500)].join(' ')))

/** The same rows, compressed by somebody else: other bytes of the same text. */
export const recompressed = (object: Buffer): Buffer => gzipSync(gunzipSync(object), { level: 1 })
