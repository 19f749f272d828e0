import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sealedFor } from '#lib/training/jobs/job-environment.ts'
import { nodeEnvironment } from '../support/app/node-environment.ts'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { describeOnDatabases, freshDatabaseUrl } from '../support/postgres/database-kinds.ts'

const run = promisify(execFile)
const script = join(import.meta.dirname, '../../scripts/secrets-rotate.ts')

describeOnDatabases('npm run secrets:rotate', (database) => {
  let app: TestApp
  let settings: Record<string, string>
  let job: { id: string; user_id: string }
  const users = Array.from({ length: 20 }, () => crypto.randomUUID())

  const rotate = (...options: string[]) =>
    run(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...options], {
      env: {
        ...nodeEnvironment,
        DATA_DIR: app.dataDir,
        PORT: new URL(app.url).port,
        ...settings,
      } as never,
      cwd: app.dataDir,
    })
  const keyIds = async () => {
    const rows = await app.services.db.service.selectFrom('secrets').select('sealed').execute()
    return new Set(
      [...rows.map(({ sealed }) => sealed), await environment()].map((text) => text.split('.')[1]),
    )
  }
  const environment = async () =>
    (
      await app.services.db.service
        .selectFrom('training_job_launches')
        .select('environment')
        .where('job_id', '=', job.id)
        .executeTakeFirstOrThrow()
    ).environment!

  beforeAll(async () => {
    settings = database === 'postgres' ? { DATABASE_URL: await freshDatabaseUrl() } : {}
    app = await startApp({ database, settings })
    for (const user of users) {
      await app.services.secrets.save(user, 'runpod', {
        apiKey: `rpa_${user}`,
        metadata: {},
        shown: {},
        description: null,
      })
    }
    const { db } = app.services
    const { id } = await db.service
      .insertInto('training_jobs')
      .values({ user_id: users[0]!, name: 'alive', provider: 'runpod', config: '{}', datasets: '[]' })
      .returning('id')
      .executeTakeFirstOrThrow()
    job = { id, user_id: users[0]! }
    const environment = app.services.sealedBox.seal('{"HF_HOME":"/x"}', sealedFor(job))
    await db.service.insertInto('training_job_launches').values({ job_id: id, environment }).execute()
  })
  afterAll(() => app.close())

  test('seals all with a new key while the application opens them', async () => {
    const [before] = await keyIds()
    let rotating = true
    const rotation = rotate('--new-key').finally(() => {
      rotating = false
    })
    let opened = 0
    while (rotating) {
      const user = users[opened++ % users.length]!
      expect((await app.services.secrets.open(user, 'runpod'))?.apiKey).toBe(`rpa_${user}`)
      // The embedded database answers without leaving this thread: let the requests in between.
      await nextTurn()
    }
    const { stdout } = await rotation
    expect(stdout).toContain('21 sealed again, 0 were up to date.')
    expect(stdout).not.toContain('rpa_')
    const after = await keyIds()
    expect(after.size).toBe(1)
    expect(after).not.toContain(before)
    expect(opened).toBeGreaterThan(users.length)
    const { sealedBox } = app.services
    expect(sealedBox.open(await environment(), sealedFor(job))).toBe('{"HF_HOME":"/x"}')
    expect(sealedBox.isSealedWithNewest(sealedBox.seal('later', sealedFor(job)))).toBe(true)
    expect(after).toContain(sealedBox.seal('later', sealedFor(job)).split('.')[1])
    for (const user of users)
      expect((await app.services.secrets.open(user, 'runpod'))?.apiKey).toBe(`rpa_${user}`)
  })

  test('leaves what it cannot open, says whose it is, and ends with a failure', async () => {
    await app.services.db.service
      .updateTable('secrets')
      .set({ sealed: 'v1.0000000000000000.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA' })
      .where('user_id', '=', users[0]!)
      .execute()
    await expect(rotate()).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('0 sealed again, 20 were up to date.'),
      stderr: expect.stringContaining(`runpod of ${users[0]} (secret_key_missing)`),
    })
  })

  test('is for whoever holds the keys: no account and nobody else may ask for it', async () => {
    const path = '/api/operator/secrets/rotate'
    const init = { method: 'POST', body: '{}' }
    expect((await app.asOwner(path, init)).status).toBe(401)
    expect((await fetch(`${app.url}${path}`, init)).status).toBe(401)
  })
})
