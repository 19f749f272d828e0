import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLocalStorageService } from './local-storage-service.ts'

const hour = 3600 * 1000

/** A store with half-written files, each last written to so long ago. */
async function storeWith(files: Record<string, number>) {
  const root = await mkdtemp(join(tmpdir(), 'finetunelab-partials-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [path, ageMilliseconds] of Object.entries(files)) {
    const file = join(root, path)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, 'half')
    const at = new Date(Date.now() - ageMilliseconds)
    await utimes(file, at, at)
  }
  const store = createLocalStorageService({ root, signingKey: new Uint8Array(32), baseUrl: () => '' })
  const left = async () => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  }
  return { store, left }
}

const halves = {
  '.partial/new': 0,
  '.partial/slow': 0.5 * hour,
  '.partial/dead': 2 * hour,
  '.resumable/paused': 7 * 24 * hour,
  '.resumable/forgotten': 9 * 24 * hour,
  'user/datasets/whole': 99 * 24 * hour,
}

test('beside other writers only what was not written to for long is swept', async () => {
  const { store, left } = await storeWith(halves)
  expect(await store.sweepPartials({ alone: false })).toBe(2)
  expect((await left()).sort()).toEqual(['new', 'paused', 'slow', 'whole'])
})

test('alone, every half-written put is swept, and nothing that can go on', async () => {
  const { store, left } = await storeWith(halves)
  expect(await store.sweepPartials({ alone: true })).toBe(4)
  expect((await left()).sort()).toEqual(['paused', 'whole'])
})
