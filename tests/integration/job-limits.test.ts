import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobEvent, JobNotice } from '#lib/training/job.types.ts'
import { type Lab, type LabClient, startLab } from '#tests/support/app/start-lab.ts'
import { rentHub } from '#tests/support/providers/rented/rented-hub.ts'
import { rentLambda } from '#tests/support/providers/rented/rented-lambda.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { rentRunPod } from '#tests/support/providers/rented/rented-runpod.ts'
import { rentSageMaker } from '#tests/support/providers/rented/rented-sagemaker.ts'
import { runnerOn } from '#tests/support/providers/rented/runner-client.ts'

let providers: RentedProvider[]
let hub: Awaited<ReturnType<typeof rentHub>>
let sagemaker: Awaited<ReturnType<typeof rentSageMaker>>
let lab: Lab

beforeAll(async () => {
  ;[hub, sagemaker] = await Promise.all([rentHub({ schedulingSeconds: 0 }), rentSageMaker()])
  // Waiting is free at both: what is measured here has its machine at once.
  sagemaker.double.plan = { steps: ['Training'] }
  providers = [await rentRunPod(), await rentLambda(), hub, sagemaker]
  // None of them costs what the table that we ship says.
  for (const [at, { setPrice }] of providers.entries()) setPrice?.(3 + at / 10)
  lab = await startLab(providers)
})
afterAll(() => lab?.close())

interface Place {
  rented: RentedProvider
  client: LabClient
}

/** Holds for each provider; they are gone through side by side, since limits are looked at every five seconds. */
function everywhere(guarantee: string, holds: (place: Place) => Promise<void>): void {
  test(`${guarantee} (RunPod, Lambda, Hugging Face, SageMaker)`, async () => {
    const results = await Promise.allSettled(
      providers.map((rented) => holds({ rented, client: lab.at(rented) })),
    )
    const failures = results.flatMap((result, at) =>
      result.status === 'rejected' ? [`${providers[at]!.label}: ${result.reason}`] : [],
    )
    expect(failures).toEqual([])
  })
}

/** A training whose machine costs since so many seconds, as its bill says. */
async function costingFor(seconds: number, { client }: Place, body: Record<string, unknown>) {
  const id = await client.launch(body)
  const { provider_ref } = await client.untilStatus(id, 'starting')
  await setClock(id, seconds)
  return { id, ref: provider_ref! }
}

async function setClock(id: string, seconds: number): Promise<void> {
  await lab.app.services.db.service
    .updateTable('training_jobs')
    .set({ billed_from: sql<Date>`now() - make_interval(secs => ${seconds})` })
    .where('id', '=', id)
    .execute()
}

const secondsFor = (usd: number, { rented }: Place) => (usd / rented.machine.usdPerHour) * 3600
const refs = ({ rented }: Place) => rented.machines().map(({ ref }) => ref)
const noticesIn = (events: JobEvent[]): JobNotice[] =>
  events.flatMap((event) => (event.type === 'notice' ? [event.data] : []))

everywhere("what a machine costs is its provider's price, from the request on", async (place) => {
  const { id } = await costingFor(1800, place, {})
  const { machine, cost, billed_from } = await place.client.job(id)
  expect(machine?.usd_per_hour).toBeCloseTo(place.rented.machine.usdPerHour, 4)
  const hours = (Date.now() - Date.parse(billed_from!)) / 3_600_000
  expect(cost.so_far! / (hours * place.rented.machine.usdPerHour)).toBeCloseTo(1, 2)
  await place.client.cancel(id)
  await place.client.untilStatus(id, 'cancelled')
})

everywhere(
  'a budget is warned of once at 80 %, and ends the machine and the job when it is used up',
  async (place) => {
    const { client } = place
    const { id, ref } = await costingFor(secondsFor(1.7, place), place, { budget_limit: 2 })
    await client.events(id, ({ type, data }) => type === 'notice' && data.code === 'budget_80')
    expect(refs(place)).toContain(ref)
    expect((await client.job(id)).status).toBe('starting')

    await setClock(id, secondsFor(2.01, place))
    const job = await client.until(id, ({ ended_at }) => ended_at !== null)
    expect(refs(place)).not.toContain(ref)
    expect(job).toMatchObject({
      status: 'failed',
      error: {
        code: 'budget_exhausted',
        message: 'The budget of $2.00 is used up; the training was stopped.',
      },
      billed_until: expect.any(String),
    })
    expect(job.cost.so_far).toBeGreaterThan(2)
    const warnings = noticesIn(await client.events(id)).filter(({ code }) => code === 'budget_80')
    expect(warnings).toMatchObject([{ level: 'warning', message: '$1.70 of the budget of $2.00 are used.' }])
  },
)

everywhere('a budget that is not used to 80 % is nothing to speak of', async (place) => {
  const { client } = place
  const quiet = await costingFor(secondsFor(1.5, place), place, { budget_limit: 2 })
  const spent = await costingFor(secondsFor(2.5, place), place, { budget_limit: 2 })
  // The same round looks at both.
  await client.untilStatus(spent.id, 'failed')
  expect((await client.job(quiet.id)).status).toBe('starting')
  await client.cancel(quiet.id)
  await client.untilStatus(quiet.id, 'cancelled')
  expect(noticesIn(await client.events(quiet.id)).map(({ code }) => code)).not.toContain('budget_80')
})

everywhere(
  'a machine that is seen to be gone while its budget ends it was ended for its budget',
  async (place) => {
    const { client, rented } = place
    // Who enforces the budget hears nothing of the end; the reconciler finds the machine gone meanwhile.
    const held = rented.hold(rented.is.end, 'after')
    const { id } = await costingFor(secondsFor(2.5, place), place, { budget_limit: 2 })
    await held.reached
    const job = await client.until(id, ({ ended_at }) => ended_at !== null)
    held.release()
    expect(job).toMatchObject({ status: 'failed', error: { code: 'budget_exhausted' } })
  },
)

everywhere('the maximum runtime is enforced by us, whatever the provider does', async (place) => {
  const { client } = place
  const within = await costingFor(50, place, { max_runtime_seconds: 600 })
  const over = await costingFor(601, place, { max_runtime_seconds: 600 })
  const job = await client.until(over.id, ({ ended_at }) => ended_at !== null)
  expect(refs(place)).not.toContain(over.ref)
  expect(job).toMatchObject({
    status: 'timed_out',
    error: {
      code: 'max_runtime',
      message: 'The training ran longer than its limit of 600 s and was stopped.',
    },
    billed_until: expect.any(String),
  })
  expect((await client.job(within.id)).status).toBe('starting')
  expect(refs(place)).toContain(within.ref)
  await client.cancel(within.id)
  await client.untilStatus(within.id, 'cancelled')
})

everywhere('a runner that says it was interrupted was stopped for the limit it is past', async (place) => {
  const { client, rented } = place
  const held = rented.hold(rented.is.end, 'before')
  const { id, ref } = await costingFor(601, place, { max_runtime_seconds: 600 })
  await held.reached
  const machine = rented.machines().find((one) => one.ref === ref)!
  const error = { code: 'interrupted', message: 'A signal ended the training.' }
  expect(await runnerOn(machine).isTold({ status: 'failed', error })).toMatchObject({ status: 'timed_out' })
  held.release()
  const job = await client.until(id, ({ ended_at }) => ended_at !== null)
  expect(job).toMatchObject({ status: 'timed_out', error: { code: 'max_runtime' } })
})

everywhere('without a limit of its own a training may run for a day', async (place) => {
  const { client } = place
  const id = await client.launch()
  expect((await client.job(id)).max_runtime_seconds).toBe(86_400)
  await client.untilStatus(id, 'starting')
  await client.cancel(id)
  await client.untilStatus(id, 'cancelled')
})

everywhere(
  'a limit or a cancellation that the provider does not carry out is not said to be',
  async (place) => {
    const { rented, client } = place
    const { id, ref } = await costingFor(0, place, {})
    const over = await costingFor(601, place, { max_runtime_seconds: 600 })
    const refusals = 12
    const ends = () => rented.seen.filter(rented.is.end).length
    const before = ends()
    rented.fail(rented.is.end, { kind: 'answer', status: 500 }, refusals)
    await client.cancel(id)
    for (const one of [
      { id, ref, status: 'cancelled' },
      { ...over, status: 'timed_out' },
    ])
      for (;;) {
        // In this order: a machine that is still there now was there when the job was read.
        const { status, ended_at } = await client.job(one.id)
        if (!refs(place).includes(one.ref)) break
        expect([status, ended_at]).toEqual(['starting', null])
      }
    await client.untilStatus(id, 'cancelled')
    await client.untilStatus(over.id, 'timed_out')
    expect(ends() - before).toBeGreaterThan(refusals)
  },
)

test('waiting that costs nothing uses up neither time nor budget (Hugging Face, SageMaker)', async () => {
  hub.double.schedulingSeconds = 3600
  sagemaker.double.plan = { steps: ['Starting', 'Pending'] }
  for (const rented of [hub, sagemaker]) {
    const client = lab.at(rented)
    const id = await client.launch({ max_runtime_seconds: 600, budget_limit: 1000 })
    const { provider_ref } = await client.untilStatus(id, 'starting')
    await setClock(id, 400)
    const moved = await client.until(
      id,
      ({ billed_from, ended_at }) => ended_at !== null || Date.now() - Date.parse(billed_from!) < 60_000,
    )
    expect(moved).toMatchObject({ status: 'starting', provider_ref, error: null })
    await client.cancel(id)
    await client.untilStatus(id, 'cancelled')
  }
})

test('where a job can have no second machine, one that is to blame fails the job with its own words (SageMaker)', async () => {
  sagemaker.double.plan = { steps: ['Training'] }
  const client = lab.at(sagemaker)
  const id = await client.launch()
  const { provider_ref } = await client.untilStatus(id, 'starting')
  const machine = sagemaker.machines().find(({ ref }) => ref === provider_ref)!
  const error = { code: 'gpu_unusable', message: 'CUDA could not be started.' }
  expect(await runnerOn(machine).isTold({ status: 'failed', error })).toMatchObject({ status: 'failed' })
  expect(await client.until(id, ({ billed_until }) => billed_until !== null)).toMatchObject({ error })
  expect(refs({ rented: sagemaker, client })).not.toContain(provider_ref)
})
