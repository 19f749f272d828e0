import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { stampOf } from '#lib/training/launchers/stamp.ts'
import { startApp } from '#tests/support/app/start-app.ts'
import { type Lab, type LabClient, quickSettings, startLab } from '#tests/support/app/start-lab.ts'
import { freshDatabaseUrl } from '#tests/support/postgres/database-kinds.ts'
import { quickLaunchers } from '#tests/support/providers/rented/quick-launchers.ts'
import { rentHub } from '#tests/support/providers/rented/rented-hub.ts'
import { rentLambda } from '#tests/support/providers/rented/rented-lambda.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { rentRunPod } from '#tests/support/providers/rented/rented-runpod.ts'
import { rentSageMaker } from '#tests/support/providers/rented/rented-sagemaker.ts'

const soon = { timeout: 20_000, interval: 50 }
const rent = { RunPod: rentRunPod, Lambda: rentLambda, 'Hugging Face': rentHub, SageMaker: rentSageMaker }
const names = Object.keys(rent) as (keyof typeof rent)[]

let providers: Record<(typeof names)[number], RentedProvider>
/** Two deployments, each with a database of its own, that hold the same keys to the same accounts. */
let ours: Lab
let theirs: Lab

beforeAll(async () => {
  const started = await Promise.all(names.map(async (name) => [name, await rent[name]()] as const))
  providers = Object.fromEntries(started) as typeof providers
  const rented = Object.values(providers)
  ;[ours, theirs] = await Promise.all([startLab(rented), startLab(rented)])
})
afterAll(async () => {
  await theirs?.app.close()
  await ours?.close()
  await theirs?.close()
})

describe.each(names)('at %s', (name) => {
  let rented: RentedProvider
  let lab: LabClient
  /** A training that goes on all the while, and its machine. */
  let own: { id: string; ref: string }

  beforeAll(async () => {
    rented = providers[name]
    lab = ours.at(rented)
    own = await started(lab)
  })
  afterAll(async () => {
    // Whatever was ended here, this one was not.
    expect((await lab.job(own.id)).status).toBe('starting')
    expect(refs()).toContain(own.ref)
    await cancelled(lab, own.id)
  })

  const refs = () => rented.machines().map(({ ref }) => ref)
  const stampFor = (jobId: string, deployment = ours) => stampOf(deployment.app.services.deploymentId, jobId)

  test('one of a job that nobody knows is ended and reported', async () => {
    const jobId = crypto.randomUUID()
    const ref = rented.putUp(stampFor(jobId))
    expect(await reportOf(lab, ref)).toMatchObject({
      provider: rented.provider,
      job_id: jobId,
      name: stampFor(jobId),
      reason: 'unknown_job',
    })
    expect(refs()).not.toContain(ref)
  })

  test('one that its provider does not end at once is reported, and ended in the end', async () => {
    rented.fail(rented.is.end, { kind: 'answer', status: 500 }, 3)
    const ref = rented.putUp(stampFor(crypto.randomUUID()))
    await reportOf(lab, ref)
    expect(refs()).not.toContain(ref)
    expect((await lab.orphans()).filter(({ provider_ref }) => provider_ref === ref)).toHaveLength(1)
  })

  if (name !== 'SageMaker')
    test('a second one of a job is ended and reported on the job, and the first one stays', async () => {
      const ref = rented.putUp(stampFor(own.id))
      expect(await reportOf(lab, ref)).toMatchObject({ job_id: own.id, reason: 'second_machine' })
      await lab.events(own.id, ({ type, data }) => type === 'notice' && data.code === 'orphan_ended')
      expect(refs()).not.toContain(ref)
    })

  if (name !== 'SageMaker')
    test('one of a job that has ended is ended and reported', async () => {
      const { id } = await started(lab)
      await cancelled(lab, id)
      const ref = rented.putUp(stampFor(id))
      expect(await reportOf(lab, ref)).toMatchObject({ job_id: id, reason: 'job_ended' })
      expect(refs()).not.toContain(ref)
    })

  test('one past its deadline is ended and reported, even where nobody enforces limits', async () => {
    const { id, ref } = await started(lab, { max_runtime_seconds: 120 })
    await expect.poll(() => rented.isUp(ref), soon).toBe(true)
    await takeDuty(ours, 'limits')
    await ours.app.services.db.service
      .updateTable('training_jobs')
      // Long past its deadline, and yet no longer ago than any provider may take to bring its machine up.
      .set({ billed_from: sql<Date>`now() - interval '13 minutes'` })
      .where('id', '=', id)
      .execute()
    expect(await reportOf(lab, ref)).toMatchObject({ job_id: id, reason: 'past_deadline' })
    expect(refs()).not.toContain(ref)
    const job = await lab.untilStatus(id, 'timed_out')
    expect(job).toMatchObject({ error: { code: 'max_runtime' }, billed_until: expect.any(String) })
  })

  test('two deployments on one account leave the machines of each other alone, and end their own', async () => {
    const neighbour = theirs.at(rented)
    const { id, ref } = await started(neighbour)
    const [orphan, theirOrphan] = [ours, theirs].map((deployment) =>
      rented.putUp(stampFor(crypto.randomUUID(), deployment)),
    )
    // Each has looked through the account when it has ended its own.
    await Promise.all([reportOf(lab, orphan!), reportOf(neighbour, theirOrphan!)])
    expect(refs().toSorted()).toEqual([own.ref, ref].toSorted())
    const [reported, theirReported] = await Promise.all(
      [lab, neighbour].map(async (one) => (await one.orphans()).map(({ provider_ref }) => provider_ref)),
    )
    expect(reported).not.toContain(theirOrphan)
    expect(reported).not.toContain(ref)
    expect(theirReported).toContain(theirOrphan)
    expect(theirReported).not.toContain(orphan)
    await cancelled(neighbour, id)
  })

  test("what a person put up is nobody's orphan", async () => {
    const persons = [rented.putUp('a-machine-of-mine'), rented.putUp(`${stampFor(own.id)}-copy`)]
    await reportOf(lab, rented.putUp(stampFor(crypto.randomUUID())))
    for (const ref of persons) {
      expect(refs()).toContain(ref)
      rented.takeAway(ref)
    }
  })
})

test('one that turned up while nobody watched is ended at the start, even of an account without jobs', async () => {
  const rented = providers.RunPod
  const dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-orphans-'))
  const options = {
    dataDir,
    settings: {
      ...quickSettings,
      ...rented.settings,
      ...(inject('postgres').url ? { DATABASE_URL: await freshDatabaseUrl() } : {}),
    },
    makeLaunchers: quickLaunchers,
  }
  const { provider, ...secret } = rented.secret
  const first = await startApp(options)
  const saved = await first.asOwner(`/api/secrets/${provider}`, {
    method: 'PUT',
    body: JSON.stringify(secret),
    headers: { 'content-type': 'application/json' },
  })
  expect(saved.ok).toBe(true)
  const { deploymentId } = first.services
  await first.close()

  const ref = rented.putUp(stampOf(deploymentId, crypto.randomUUID()))
  const second = await startApp(options)
  await expect.poll(() => rented.machines().map((machine) => machine.ref), soon).not.toContain(ref)
  const answer = await second.asOwner('/api/training/orphans')
  expect(await answer.json()).toMatchObject({ orphans: [{ provider_ref: ref, reason: 'unknown_job' }] })
  await second.close()
  await rm(dataDir, { recursive: true, force: true })
})

async function started(lab: LabClient, body: Record<string, unknown> = {}) {
  const id = await lab.launch(body)
  const { provider_ref } = await lab.untilStatus(id, 'starting')
  return { id, ref: provider_ref! }
}

async function cancelled(lab: LabClient, id: string): Promise<void> {
  await lab.cancel(id)
  await lab.untilStatus(id, 'cancelled')
}

/** What GET /api/training/orphans tells of a machine, once it tells that it is gone. */
async function reportOf(lab: LabClient, ref: string) {
  const found = async () => (await lab.orphans()).find(({ provider_ref }) => provider_ref === ref)
  await expect.poll(async () => (await found())?.ended_at, soon).toEqual(expect.any(String))
  return (await found())!
}

/** Holds a duty of the caretaker until the test is over, as a process would that never comes to the end of it. */
async function takeDuty({ app }: Lab, name: string): Promise<void> {
  const duties = app.services.db.service
  const held_until = sql<Date>`now() + interval '1 hour'`
  await expect
    .poll(async () => {
      const { numInsertedOrUpdatedRows } = await duties
        .insertInto('app_duties')
        .values({ name, holder: crypto.randomUUID(), held_until })
        .onConflict((on) =>
          on
            .column('name')
            .doUpdateSet({ holder: crypto.randomUUID(), held_until })
            .where('app_duties.held_until', '<', sql<Date>`now()`),
        )
        .executeTakeFirst()
      return numInsertedOrUpdatedRows
    }, soon)
    .toBe(1n)
  onTestFinished(async () => void (await duties.deleteFrom('app_duties').where('name', '=', name).execute()))
}
