import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWindowedFile } from '#cli/windowed-file.ts'
import { createUpload, getUpload, getUploadBeyond, uploadedDataset } from '#lib/client/resumable-uploads.ts'
import { sendUpload } from '#lib/client/send-upload.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { writeRowsFile } from '../support/uploads/rows-file.ts'

/** What an interrupted upload may have to send again. */
const resentBytesMax = 16_000_000

let app: TestApp
let folder: string
let file: string
let sizeBytes: number

beforeAll(async () => {
  app = await startApp()
  folder = await mkdtemp(join(tmpdir(), 'finetunelab-resent-'))
  file = join(folder, 'rows.jsonl')
  sizeBytes = await writeRowsFile(file, 50_000_000)
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

test('a connection that breaks anywhere costs less than 16 MB, whatever the sockets have swallowed', async () => {
  const line = await openLine(Number(new URL(app.url).port))
  const api = { baseUrl: line.url, token: app.ownerToken }
  const direct = { baseUrl: app.url, token: app.ownerToken }
  const id = await createUpload(api, { sizeBytes, metadata: {} })
  const standing = async () => (await getUpload(direct, id)).offset
  const breaks: { sent: number; offset: number }[] = []
  const breakAt = [20_000_000, 40_000_000]
  let worst = 0

  // What the client has handed to its socket, which holds much that no line has seen.
  let handed = 0
  const ended = sendUpload(
    api,
    id,
    await openWindowedFile(file, (beyond) => getUploadBeyond(direct, { id, beyond })),
    {
      onProgress: (bytes) => {
        handed = bytes
      },
    },
  )
  let isOver = false
  ended.finally(() => {
    isOver = true
  })
  while (!isOver) {
    const offset = await standing().catch(() => sizeBytes)
    const left = line.patchedTo()
    const sent = left && Math.max(left, handed)
    if (sent !== null) worst = Math.max(worst, sent - offset)
    if (sent !== null && breakAt.length > 0 && sent > breakAt[0]!) {
      breakAt.shift()
      line.cut()
      handed = 0
      breaks.push({ sent, offset })
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await ended
  await line.close()

  expect(breaks).toHaveLength(2)
  // More than a block: the line really was ahead of what was safe.
  expect(worst).toBeGreaterThan(4 << 20)
  expect(worst).toBeLessThan(resentBytesMax)
  // All that left, over all requests, is the file and what the breaks cost.
  expect(line.patchedBytes() - sizeBytes).toBeLessThan(2 * resentBytesMax)
  expect((await uploadedDataset(direct, id)).dataset.raw_size_bytes).toBe(sizeBytes)
}, 120_000)

test('a row that is longer than the window still gets through', async () => {
  const long = join(folder, 'long.jsonl')
  const bytes = await writeLongRow(long, 20_000_000)
  const api = { baseUrl: app.url, token: app.ownerToken }
  const id = await createUpload(api, { sizeBytes: bytes, metadata: {} })
  await sendUpload(api, id, await openWindowedFile(long, (beyond) => getUploadBeyond(api, { id, beyond })))
  expect((await uploadedDataset(api, id)).dataset.total_examples).toBe(2)
}, 120_000)

async function writeLongRow(path: string, characters: number): Promise<number> {
  const { writeFile, stat } = await import('node:fs/promises')
  const rows = [
    { prompt: 'a', completion: 'word '.repeat(characters / 5) },
    { prompt: 'b', completion: 'c' },
  ]
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return (await stat(path)).size
}

/** A line of TCP to a server that counts the bytes of PATCH bodies as they leave the client, and can be cut. */
async function openLine(port: number) {
  const clients = new Set<Socket>()
  let current: { start: number; bytes: number } | null = null
  let total = 0
  const server = createServer((client) => {
    clients.add(client)
    const upstream = connect(port, '127.0.0.1')
    let patch: { start: number; bytes: number } | null = null
    client.on('data', (chunk: Buffer) => {
      if (patch === null) {
        const head = /^PATCH [\s\S]*?\r\nupload-offset: (\d+)\r\n[\s\S]*?\r\n\r\n/i.exec(
          chunk.toString('latin1'),
        )
        if (head) {
          patch = { start: Number(head[1]), bytes: chunk.length - head[0].length }
          current = patch
          total += patch.bytes
        }
      } else {
        patch.bytes += chunk.length
        total += chunk.length
      }
      if (!upstream.write(chunk)) client.pause()
    })
    upstream.on('drain', () => client.resume())
    upstream.pipe(client)
    const end = () => {
      clients.delete(client)
      client.destroy()
      upstream.destroy()
      if (current === patch) current = null
    }
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The place in the file up to which bytes have left; null while no request is under way. */
    patchedTo: () => current && current.start + current.bytes,
    patchedBytes: () => total,
    cut() {
      for (const client of clients) client.destroy()
    },
    async close() {
      for (const client of clients) client.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
