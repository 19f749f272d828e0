import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finding } from '#lib/training/doctor/doctor.types.ts'
import { nodeEnvironment } from '../support/app/node-environment.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { describeOnDatabases, freshDatabaseUrl } from '../support/postgres/database-kinds.ts'

const script = join(import.meta.dirname, '../../scripts/doctor.ts')

interface Run {
  status: number
  stdout: string
  stderr: string
}

describeOnDatabases('npm run doctor', (database) => {
  let app: TestApp
  let dataDir: string
  let settings: Record<string, string>
  let datasetId: string

  const start = async () => {
    app = await startApp({ database, settings, dataDir })
  }
  const doctor = (...options: string[]) =>
    new Promise<Run>((resolve) => {
      const env = { ...nodeEnvironment, DATA_DIR: dataDir, PORT: new URL(app.url).port, ...settings }
      const args = ['--disable-warning=ExperimentalWarning', script, ...options]
      execFile(process.execPath, args, { env: env as never, cwd: dataDir }, (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
      )
    })
  const dropIndex = () => app.services.db.service.deleteFrom('dataset_member_indexes').execute()

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-doctor-'))
    settings = database === 'postgres' ? { DATABASE_URL: await freshDatabaseUrl() } : {}
    await start()
    const form = new FormData()
    form.set('file', new Blob(['{"question":"1+1?","answer":"2"}\n']), 'sums.jsonl')
    const answer = await app.asOwner('/api/training/dataset', { method: 'POST', body: form })
    datasetId = ((await answer.json()) as { dataset: { id: string } }).dataset.id
  })
  afterAll(async () => {
    await app.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  test('works beside the application, changes nothing by itself, and its exit status says what it found', async () => {
    const well = await doctor()
    expect(well).toMatchObject({ status: 0, stdout: expect.stringContaining('Nothing is wrong.') })
    expect(well.stdout).toContain('this machine: 1 dataset, 1 object')
    await dropIndex()
    for (const _ of [1, 2]) {
      const { status, stdout } = await doctor()
      expect(status).toBe(1)
      expect(stdout).toContain(`index_missing: "sums" (${datasetId})`)
      expect(stdout).toContain('1 thing is wrong. npm run doctor -- --mend mends what can be mended.')
    }
    const mended = await doctor('--mend')
    expect(mended.status).toBe(0)
    expect(mended.stdout).toContain('Mended. The index was rebuilt from the object: 1 member, 1 row.')
    expect(mended.stdout).toContain('1 thing is wrong: 1 mended, 0 left.')
  })

  test('answers JSON and nothing else, for programs', async () => {
    await dropIndex()
    const { status, stdout } = await doctor('--json')
    expect(status).toBe(1)
    const answer = JSON.parse(stdout) as { findings: Finding[] }
    expect(answer).toMatchObject({
      wrong: 1,
      mended: 0,
      remaining: 1,
      notes: 0,
      places: [{ provider: 'local' }],
    })
    expect(answer.findings).toMatchObject([{ code: 'index_missing', dataset_id: datasetId, outcome: null }])
    expect(JSON.parse((await doctor('--json', '--mend', '--deep')).stdout)).toMatchObject({ remaining: 0 })
  })

  test('works while the application is stopped', async () => {
    await dropIndex()
    await app.close()
    try {
      const { status, stdout, stderr } = await doctor('--mend')
      expect(stderr).not.toContain('An application holds')
      expect(stdout).toContain('1 thing is wrong: 1 mended, 0 left.')
      expect(status).toBe(0)
    } finally {
      await start()
    }
    const rows = await app.asOwner(`/api/training/dataset/${datasetId}/rows`)
    expect(await rows.json()).toMatchObject({ total: 1 })
  })

  test('names an option that it does not know how to read', async () => {
    const { status, stderr } = await doctor('--orphans', 'burn')
    expect(status).toBe(2)
    expect(stderr).toContain('--orphans:')
    expect((await doctor('--grace-minutes', 'soon')).stderr).toContain('--grace-minutes:')
  })

  test('is for whoever holds the keys of the deployment', async () => {
    const init = { method: 'POST', body: '{"mend":true}' }
    expect((await app.asOwner('/api/operator/doctor', init)).status).toBe(401)
    expect((await fetch(`${app.url}/api/operator/doctor`, init)).status).toBe(401)
  })
})
