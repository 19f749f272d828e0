import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Job } from '#lib/training/job.types.ts'
import type { Notebook } from '#lib/training/launchers/colab/notebook.ts'
import { type FrontDoor, openFrontDoor } from '#tests/support/app/front-door.ts'
import { startApp, type TestApp } from '#tests/support/app/start-app.ts'
import { startSupabaseDouble } from '#tests/support/supabase/start-supabase-double.ts'

/** Runs a notebook's cells in order, in one namespace, as Jupyter would. */
const runCells = `
import json, sys
names = {}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
`

let app: TestApp
let door: FrontDoor
let supabase: Awaited<ReturnType<typeof startSupabaseDouble>>
let folder: string
let datasetId: string

beforeAll(async () => {
  door = await openFrontDoor()
  supabase = await startSupabaseDouble()
  app = await startApp({
    settings: {
      APP_BASE_URL: door.url,
      // Machines run here: what only this machine reaches, they reach.
      SAGEMAKER_ENDPOINT: 'http://127.0.0.1:9',
      SUPABASE_URL: supabase.url,
      SUPABASE_ANON_KEY: supabase.anonKey,
      SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
    },
  })
  door.leadTo(app.url)
  folder = await mkdtemp(join(tmpdir(), 'finetunelab-colab-'))
  datasetId = await upload()
})
afterAll(async () => {
  await app?.close()
  await supabase?.close()
  await door?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

async function upload(): Promise<string> {
  const form = new FormData()
  form.set('name', 'Kitchen assistant')
  form.set('storage_provider', 'supabase')
  form.set('file', new Blob([await readFile('examples/kitchen-assistant.jsonl')]), 'kitchen-assistant.jsonl')
  const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
  expect(answer.status).toBe(201)
  return ((await answer.json()) as { dataset: { id: string } }).dataset.id
}

const post = (path: string, body: unknown) =>
  app.asOwner(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })

const getJob = async (id: string) => (await app.asOwner(`/api/training/jobs/${id}`)).json() as Promise<Job>

async function until(id: string, isSo: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await getJob(id)
    if (isSo(job)) return job
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function launch(): Promise<Job> {
  const config = await post('/api/training/config', {
    name: 'Notebook `run` <b>now</b>',
    provider: 'colab',
    base_model: 'Qwen/Qwen2.5-0.5B',
    method: 'sft',
    trainer: 'smoke',
    hyperparameters: { epochs: 1, max_steps: 5, logging_steps: 1 },
  })
  const { id } = (await config.json()) as { id: string }
  const deployed = await post('/api/training/deploy/colab', { training_config_id: id, dataset_id: datasetId })
  expect(deployed.status).toBe(202)
  const { job_id } = (await deployed.json()) as { job_id: string }
  return until(job_id, ({ status }) => status !== 'queued' && status !== 'launching')
}

async function notebookOf(job: Job): Promise<string> {
  const answer = await app.asOwner(`/api/training/jobs/${job.id}/notebook.ipynb`)
  expect(answer.headers.get('content-type')).toContain('ipynb')
  expect(answer.headers.get('content-disposition')).toMatch(/filename="finetunelab-[0-9a-f]{8}\.ipynb"/)
  return answer.text()
}

async function makeCode(job: Job): Promise<string> {
  const answer = await post(`/api/training/jobs/${job.id}/code`, {})
  expect(answer.status).toBe(201)
  return ((await answer.json()) as { code: string }).code
}

const redeem = (code: string) =>
  fetch(`${app.url}/api/training/jobs/redeem`, { method: 'POST', body: JSON.stringify({ code }) })

async function runNotebook(text: string, typed: string): Promise<{ status: number | null; printed: string }> {
  const place = await mkdtemp(join(folder, 'machine-'))
  await writeFile(join(place, 'notebook.ipynb'), text)
  const child = spawn('python3', ['-c', runCells, 'notebook.ipynb'], { cwd: place })
  child.stdin.end(`${typed}\n`)
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  child.stderr.on('data', (chunk) => {
    printed += chunk
  })
  const status = await new Promise<number | null>((resolve) => child.on('exit', resolve))
  return { status, printed }
}

test('a person opens the notebook, types the code, and the job trains to its end', async () => {
  const job = await launch()
  expect(job).toMatchObject({ status: 'starting', provider_ref: `notebook:${job.id}` })
  const { status, printed } = await runNotebook(await notebookOf(job), (await makeCode(job)).toLowerCase())
  expect(printed).toContain('The end: succeeded')
  expect(status).toBe(0)
  const done = await getJob(job.id)
  expect(done.status).toBe('succeeded')
  expect(done.progress?.step).toBe(5)
  // What a notebook prints is kept in its file, and files are shared.
  expect(printed).not.toMatch(/job_[A-Za-z0-9_-]{20}/)
  expect(printed).not.toMatch(/[?&]token=[^*\s]/)
}, 60_000)

test('the notebook is one that Jupyter takes, asks for a GPU, and holds nothing that opens anything', async () => {
  const job = await launch()
  const text = await notebookOf(job)
  const notebook = JSON.parse(text) as Notebook
  expect(notebook).toMatchObject({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { accelerator: 'GPU', kernelspec: { name: 'python3' }, colab: { gpuType: 'T4' } },
  })
  for (const cell of notebook.cells) {
    expect(cell.id).toMatch(/^[a-z-]{1,64}$/)
    if (cell.cell_type === 'code') expect(cell).toMatchObject({ outputs: [], execution_count: null })
  }
  expect(text).not.toMatch(/job_[A-Za-z0-9_-]{20}|token=|signature|eyJ|sk_|AKIA/i)
  // A name is a name, and no markup.
  expect(notebook.cells[0]!.source[0]).toBe('# Notebook  run   b now /b \n')
})

test('a code works once, and the code before a new one not at all', async () => {
  const job = await launch()
  const first = await makeCode(job)
  const second = await makeCode(job)
  expect((await redeem(first)).status).toBe(401)
  const taken = await redeem(second)
  expect(taken.status).toBe(200)
  const { token, job_id } = (await taken.json()) as { token: string; job_id: string }
  expect(job_id).toBe(job.id)
  const again = await redeem(second)
  expect(again.status).toBe(401)
  expect(await again.json()).toMatchObject({
    code: 'invalid_code',
    details: expect.stringContaining('15 minutes'),
  })
  const lease = () =>
    fetch(`${app.url}/api/training/jobs/${job.id}/lease`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
  expect((await lease()).status).toBe(200)
  // A notebook that is opened again takes the job over.
  expect((await redeem(await makeCode(job))).status).toBe(200)
  expect((await lease()).status).toBe(401)
})

test('of many that redeem one code at once, one gets the job', async () => {
  const code = await makeCode(await launch())
  const statuses = await Promise.all(Array.from({ length: 8 }, async () => (await redeem(code)).status))
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
})

test('a code that is a quarter of an hour old is worth nothing, and neither is one in the database', async () => {
  const job = await launch()
  const code = await makeCode(job)
  const row = await app.services.db.service
    .selectFrom('job_codes')
    .selectAll()
    .where('job_id', '=', job.id)
    .executeTakeFirstOrThrow()
  expect(row.code_hash).toMatch(/^[0-9a-f]{64}$/)
  expect(row.expires_at.getTime() - Date.now()).toBeGreaterThan(14 * 60_000)
  expect(row.expires_at.getTime() - Date.now()).toBeLessThanOrEqual(15 * 60_000)
  await app.services.db.service
    .updateTable('job_codes')
    .set({ expires_at: new Date(Date.now() - 1) })
    .where('job_id', '=', job.id)
    .execute()
  expect((await redeem(code)).status).toBe(401)
})

test('a wrong code ends the notebook in words, before anything is downloaded', async () => {
  const { status, printed } = await runNotebook(await notebookOf(await launch()), 'WRNG-CODE')
  expect(status).toBe(1)
  expect(printed).toContain('This code is not valid, or not any more')
  expect(printed).not.toContain('SHA-256')
})

test('the code of another job is refused by the notebook', async () => {
  const [mine, other] = [await launch(), await launch()]
  const { status, printed } = await runNotebook(await notebookOf(mine), await makeCode(other))
  expect(status).toBe(1)
  expect(printed).toContain('belongs to another training')
})

test('a runner that is not the announced one is not run', async () => {
  const job = await launch()
  const text = (await notebookOf(job)).replace('call(\\"/api/runner.py\\")', 'call(\\"/api/health\\")')
  const { status, printed } = await runNotebook(text, await makeCode(job))
  expect(status).toBe(1)
  expect(printed).toContain('not the one that was announced')
})

test('an address that cannot be reached is said to be so, with what to change', async () => {
  const text = (await notebookOf(await launch())).replaceAll(door.url, 'http://127.0.0.1:9')
  const { status, printed } = await runNotebook(text, 'ABCD-EFGH')
  expect(status).toBe(1)
  expect(printed).toContain('http://127.0.0.1:9 cannot be reached from this machine')
  expect(printed).toContain('APP_BASE_URL')
})

test('codes and notebooks are for jobs that a person starts, of the person', async () => {
  const config = await post('/api/training/config', {
    name: 'local',
    provider: 'local',
    base_model: 'm',
    method: 'sft',
    trainer: 'smoke',
    hyperparameters: { max_steps: 1 },
  })
  const { id } = (await config.json()) as { id: string }
  const deployed = await post('/api/training/deploy/local', {
    training_config_id: id,
    dataset_id: datasetId,
    allow_cross_storage: true,
  })
  const { job_id } = (await deployed.json()) as { job_id: string }
  expect((await post(`/api/training/jobs/${job_id}/code`, {})).status).toBe(400)
  expect((await app.asOwner(`/api/training/jobs/${job_id}/notebook.ipynb`)).status).toBe(400)
  const nobodys = crypto.randomUUID()
  expect((await post(`/api/training/jobs/${nobodys}/code`, {})).status).toBe(404)
  expect((await app.asOwner(`/api/training/jobs/${nobodys}/notebook.ipynb`)).status).toBe(404)
  expect((await fetch(`${app.url}/api/training/jobs/${job_id}/notebook.ipynb`)).status).toBe(401)
})

test('guessing is slow', async () => {
  const statuses: number[] = []
  for (let i = 0; i < 25; i++) statuses.push((await redeem(`GUES-${i}`)).status)
  expect(statuses.at(-1)).toBe(429)
})
