import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createProgram } from '#cli/program.ts'
import { lookAtFile } from '#lib/client/first-check/look-at-file.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { DeclaredFormat, IngestReport } from '#lib/training/dataset.types.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'

/*
 * One engine, three hosts: the same file by the form to a server, by `finetunelab validate`, and by what a page's worker
 * runs, gives the same report, word for word. Over the golden corpus, and the shared datasets where they are.
 */
interface Reading {
  declaredFormat: DeclaredFormat
  onError: 'refuse' | 'skip'
  onSecret?: 'warn' | 'refuse'
  split?: 'line' | 'paragraph' | 'document'
}

interface Verdict {
  error: string | null
  report: IngestReport | null
}

const corpus = 'tests/fixtures/ingest'
const shared = '../shared/datasets'
const usual: Reading = { declaredFormat: 'auto', onError: 'refuse' }

function files(): { name: string; path: string; reading: Reading }[] {
  const cases = readdirSync(corpus).map((name) => {
    const folder = join(corpus, name)
    const input = readdirSync(folder).find((file) => file.startsWith('input.'))!
    const options = join(folder, 'options.json')
    const given = existsSync(options) ? JSON.parse(readFileSync(options, 'utf8')) : {}
    return { name, path: join(folder, input), reading: { ...usual, ...given } }
  })
  const datasets = existsSync(shared)
    ? readdirSync(shared).filter((name) => /\.(jsonl?|txt)$/.test(name))
    : []
  if (datasets.length === 0) process.stdout.write('The shared datasets are not here: the corpus alone.\n')
  return [...cases, ...datasets.map((name) => ({ name, path: join(shared, name), reading: usual }))]
}

let app: TestApp
beforeAll(async () => {
  app = await startApp({ settings: { UPLOADS_PER_MINUTE: '10000' } })
})
afterAll(() => app.close())

async function byServer(
  path: string,
  { declaredFormat, onError, onSecret, split }: Reading,
): Promise<Verdict> {
  const form = new FormData()
  const fields = { format: declaredFormat, on_error: onError, on_secret: onSecret, split }
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value)
  form.append('file', new Blob([readFileSync(path)]), 'file')
  const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
  const { error = null, report = null } = (await answer.json()) as Partial<Verdict>
  return { error, report }
}

async function byCommandLine(
  path: string,
  { declaredFormat, onError, onSecret, split }: Reading,
): Promise<Verdict> {
  const written: string[] = []
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const options = ['--format', declaredFormat, '--on-error', onError]
  if (onSecret) options.push('--on-secret', onSecret)
  if (split) options.push('--split', split)
  let error: string | null = null
  try {
    const program = createProgram(new AbortController().signal)
    await program.parseAsync(['validate', path, '--json', ...options], { from: 'user' })
  } catch (thrown) {
    if (!isAppError(thrown)) throw thrown
    error = thrown.message
  } finally {
    out.mockRestore()
  }
  const { report = null } = written.length > 0 ? JSON.parse(written.join('')) : {}
  return { error, report }
}

async function byPage(path: string, { onError, ...reading }: Reading): Promise<Verdict | null> {
  const { report, refusal, partial } = await lookAtFile({ file: new Blob([readFileSync(path)]), ...reading })
  if (partial) return null
  if (refusal && (onError === 'refuse' || report === null || report.rows_stored === 0))
    return { error: refusal.message, report: refusal.report }
  return { error: null, report }
}

describe.each(files())('$name', ({ path, reading }) => {
  test('is judged alike by server, command line and page', async () => {
    const server = await byServer(path, reading)
    expect(await byCommandLine(path, reading)).toEqual(server)
    const page = await byPage(path, reading)
    if (page === null) {
      const head = readFileSync(path).subarray(0, 4)
      const isPacked = head.equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) || head.readUInt16BE() === 0x1f8b
      expect(isPacked, 'only a packed file may be left to the server').toBe(true)
    } else expect(page).toEqual(server)
  })
})
