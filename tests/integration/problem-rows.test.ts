import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dataset, IngestReport, ProblemRow, ProblemsFile } from '#lib/training/dataset.types.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { describeOnDatabases } from '../support/postgres/database-kinds.ts'

const good = '{"prompt":"a","completion":"b"}'
const bad = (at: number) => `{"prompt":"row ${at}","completion":${at}}`

interface Answer {
  code?: string
  dataset?: Dataset
  report: IngestReport
  problems_file: ProblemsFile | null
}

describeOnDatabases('the rows of a file that had problems', (database) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database, settings: { UPLOADS_PER_MINUTE: '1000' } })
  })
  afterAll(() => app.close())

  async function upload(lines: string[], fields: Record<string, string> = {}): Promise<Answer> {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob([lines.join('\n')]), 'rows.jsonl')
    const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
    return (await answer.json()) as Answer
  }

  async function rowsAt(url: string): Promise<ProblemRow[]> {
    const answer = await app.asOwner(url)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-disposition')).toContain('problems.jsonl')
    const text = await answer.text()
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ProblemRow)
  }

  test('can be taken away when it was refused, all of them, and nothing else is kept', async () => {
    const lines = Array.from({ length: 500 }, (_, at) => (at % 2 ? bad(at) : good))
    const { code, report, problems_file } = await upload(lines)
    expect(code).toBe('invalid_dataset')
    expect(report.problems).toHaveLength(100)
    expect(problems_file).toMatchObject({ rows: 250, rows_left_out: 0 })
    const rows = await rowsAt(problems_file!.url)
    expect(rows.map(({ raw }) => raw)).toEqual(lines.filter((line) => line !== good))
    expect(rows[0]).toMatchObject({ line: 2, problems: [{ pointer: '/completion', severity: 'error' }] })
    const { datasets } = (await (await app.asOwner('/api/training/dataset')).json()) as {
      datasets: unknown[]
    }
    expect(datasets).toEqual([])
  })

  test('can be taken away when they were skipped, and go with the dataset', async () => {
    const { dataset, problems_file } = await upload([good, bad(1), good, bad(3)], { on_error: 'skip' })
    expect(dataset!.total_examples).toBe(2)
    expect(dataset!.metadata.problems_file).toEqual(problems_file)
    expect((await rowsAt(problems_file!.url)).map(({ line }) => line)).toEqual([2, 4])
    await app.asOwner(`/api/training/dataset/${dataset!.id}`, { method: 'DELETE' })
    const gone = await app.asOwner(problems_file!.url)
    expect(gone.status).toBe(404)
    expect(await gone.json()).toMatchObject({ code: 'problems_not_kept' })
  })

  test('are no file where there were none', async () => {
    const { problems_file, dataset } = await upload([good])
    expect(problems_file).toBeNull()
    expect((await app.asOwner(`/api/training/problems/${dataset!.id}`)).status).toBe(404)
  })

  test('are bounded: what found no room is counted', async () => {
    const { problems_file } = await upload(Array.from({ length: 12_000 }, (_, at) => bad(at)))
    expect(problems_file).toMatchObject({ rows: 10_000, rows_left_out: 2000 })
  })

  test("are nobody's but the owner's, who can remove them before their time", async () => {
    const { problems_file } = await upload([bad(0)])
    const { url } = problems_file!
    expect((await fetch(`${app.url}${url}`)).status).toBe(401)
    expect((await fetch(`${app.url}${url}`, { headers: { authorization: 'Bearer nonsense' } })).status).toBe(
      401,
    )
    expect((await app.asOwner(url, { method: 'DELETE' })).status).toBe(200)
    expect((await app.asOwner(url)).status).toBe(404)
  })

  test('only the last twenty files of an owner are kept', async () => {
    const first = await upload([bad(0)])
    for (let more = 0; more < 20; more++) await upload([bad(more)])
    expect((await app.asOwner(first.problems_file!.url)).status).toBe(404)
  })

  test('come once each, in order, from an upload that was broken off and went on', async () => {
    const filler = `{"prompt":"a","completion":"${'word '.repeat(2000)}"}`
    const lines = Array.from({ length: 2500 }, (_, at) => (at % 10 === 9 ? bad(at) : filler))
    const file = Buffer.from(lines.join('\n'))
    const tus = (path: string, init: RequestInit) =>
      app.asOwner(path, { ...init, headers: { 'tus-resumable': '1.0.0', ...(init.headers as object) } })
    const created = await tus('/api/training/upload/tus', {
      method: 'POST',
      headers: {
        'upload-length': String(file.length),
        'upload-metadata': `on_error ${Buffer.from('skip').toString('base64')}`,
      },
    })
    const location = created.headers.get('location')!
    for (let offset = 0; offset < file.length; ) {
      const sent = await tus(location, {
        method: 'PATCH',
        headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
        body: new Uint8Array(file.subarray(offset, offset + 11_000_000)),
      })
      expect(sent.status).toBe(204)
      offset = Number(sent.headers.get('upload-offset'))
    }
    const id = location.split('/').at(-1)
    const rows = await rowsAt(`/api/training/problems/${id}`)
    expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 250 }, (_, at) => at * 10 + 10))
    const dataset = (await (await app.asOwner(`/api/training/dataset/${id}`)).json()) as Dataset
    expect(dataset.metadata.problems_file).toMatchObject({ rows: 250, rows_left_out: 0 })
  })

  test('and unfinished uploads are swept by the application itself when their time is over', async () => {
    const { problems_file } = await upload([bad(0)])
    const uploadId = problems_file!.url.split('/').at(-1)!
    const created = await app.asOwner('/api/training/upload/tus', {
      method: 'POST',
      headers: { 'tus-resumable': '1.0.0', 'upload-length': '10' },
    })
    const sessionId = created.headers.get('location')!.split('/').at(-1)!
    const { service } = app.services.db
    const expires_at = new Date(Date.now() - 1000)
    await service
      .updateTable('dataset_problem_rows')
      .set({ expires_at })
      .where('upload_id', '=', uploadId)
      .execute()
    await service
      .updateTable('dataset_upload_sessions')
      .set({ expires_at })
      .where('id', '=', sessionId)
      .execute()
    const { startCaretaker } = await import('#lib/training/caretaker.ts')
    const caretaker = await startCaretaker(app.services, { alone: false })
    const left = async () => [
      await service
        .selectFrom('dataset_problem_rows')
        .select('part')
        .where('upload_id', '=', uploadId)
        .execute(),
      await service.selectFrom('dataset_upload_sessions').select('id').where('id', '=', sessionId).execute(),
    ]
    await expect.poll(left, { timeout: 20_000 }).toEqual([[], []])
    await caretaker.stop()
  })
})
