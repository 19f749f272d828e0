import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storageProviders } from '#lib/storage/storage-provider.types.ts'
import { windowBytes } from '#lib/training/uploads/incoming-file.ts'
import { runKilledUploads } from '../support/uploads/killed-uploads.ts'
import { writeRowsFile } from '../support/uploads/rows-file.ts'

const wantedBytes = 48_000_000
/** The window, and what the system's socket buffers hold of a loopback whose server is busy. */
const resentBytesMax = windowBytes + (36 << 20)

let folder: string
let file: string
let fileBytes: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finetunelab-rows-'))
  file = join(folder, 'rows.jsonl')
  fileBytes = await writeRowsFile(file, wantedBytes)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Twenty times as many, and the table: `npm run bench -- upload-faults`. */
test.each(storageProviders)(
  'an upload whose server is killed three times becomes the same bytes (%s)',
  async (store) => {
    const kills = [0.3, 0.65, 1].map((share) => ({ share, milliseconds: randomInt(0, 250) }))
    const result = await runKilledUploads({ store, file, fileBytes, uploads: [kills] })
    const [upload] = result.uploads
    expect(upload?.sha256).toBe(result.expectedSha256)
    expect(result.leftovers).toEqual([])
    expect(upload!.kills.length).toBeGreaterThanOrEqual(2)
    for (const { resentBytes } of upload!.kills) expect(resentBytes).toBeLessThanOrEqual(resentBytesMax)
  },
  120_000,
)
