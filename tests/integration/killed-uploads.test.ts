import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AppProcess, spawnApp } from '../support/app/spawn-app.ts'
import { ownerToken, startApp } from '../support/app/start-app.ts'

/** Enough rows that an upload takes a while on any machine: random text, which does not pack. */
const rows = Array.from({ length: 40_000 }, (_, number) =>
  JSON.stringify({ question: `${number}: ${crypto.randomUUID()}`, answer: crypto.randomUUID().repeat(8) }),
)
const file = Buffer.from(`${rows.join('\n')}\n`)
const chunkBytes = 256 * 1024

let dataDir: string
let running: AppProcess | null = null

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-kill-'))
})
afterEach(async () => {
  await running?.kill()
  running = null
  await rm(dataDir, { recursive: true, force: true })
})

const start = async () => {
  running = await spawnApp({ DATA_DIR: dataDir, OWNER_TOKEN: ownerToken })
  return running
}

/** Sends the file piece by piece; tells how much went out and whether an answer came. */
function upload(url: string, onSent: (bytes: number) => void): Promise<number | 'cut off'> {
  return new Promise((resolve) => {
    const boundary = 'the-boundary'
    const outgoing = request(`${url}/api/training/dataset`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ownerToken}`,
        'content-type': `multipart/form-data; boundary=${boundary}`,
      },
    })
    outgoing.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode!))
      response.on('error', () => resolve('cut off'))
    })
    outgoing.on('error', () => resolve('cut off'))
    outgoing.write(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="rows.jsonl"\r\n\r\n`,
    )
    let sent = 0
    const next = () => {
      if (outgoing.destroyed) return
      const chunk = file.subarray(sent, sent + chunkBytes)
      sent += chunk.byteLength
      if (chunk.byteLength === 0) return void outgoing.end(`\r\n--${boundary}--\r\n`)
      outgoing.write(chunk, () => {
        onSent(sent)
        setImmediate(next)
      })
    }
    next()
  })
}

async function objectsOnDisk(): Promise<string[]> {
  const found = await readdir(join(dataDir, 'datasets'), { recursive: true, withFileTypes: true }).catch(
    () => [],
  )
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** What a restart finds: every row is ready and has its bytes, and there are no other bytes. */
async function expectConsistent(): Promise<number> {
  const app = await startApp({ dataDir })
  try {
    const list = (await (await app.asOwner('/api/training/dataset')).json()) as {
      datasets: { id: string; status: string; sha256: string; storage_path: string }[]
    }
    expect(list.datasets.map(({ status }) => status)).toEqual(list.datasets.map(() => 'ready'))
    const objects = await objectsOnDisk()
    expect(objects.sort()).toEqual(
      list.datasets.map(({ storage_path }) => join(dataDir, 'datasets', storage_path)).sort(),
    )
    for (const dataset of list.datasets) {
      const bytes = await readFile(join(dataDir, 'datasets', dataset.storage_path))
      const digest = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')
      expect(digest).toBe(dataset.sha256)
    }
    return list.datasets.length
  } finally {
    await app.close()
  }
}

test.each([0.02, 0.35, 0.7, 0.999])(
  'killed when %d of an upload was sent, a restart leaves no half dataset and no bytes without a row',
  async (share) => {
    const app = await start()
    let kill: Promise<void> | null = null
    const answer = await upload(app.url, (sent) => {
      if (sent >= file.byteLength * share) kill ??= app.kill()
    })
    await kill
    expect(answer).toBe('cut off')
    expect(await expectConsistent()).toBe(0)
  },
)

test.each([0, 30, 90, 200, 600])(
  'killed %d ms after the last byte, the dataset is there whole or not at all',
  async (milliseconds) => {
    const app = await start()
    let kill: Promise<void> | null = null
    const answer = await upload(app.url, (sent) => {
      if (sent === file.byteLength) kill ??= wait(milliseconds).then(() => app.kill())
    })
    await kill
    const datasets = await expectConsistent()
    // An answer that was given is kept; without one, both ends are fair.
    if (answer === 201) expect(datasets).toBe(1)
    else expect([0, 1]).toContain(datasets)
  },
)
