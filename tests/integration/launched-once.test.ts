import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Job, JobEvent } from '#lib/training/job.types.ts'
import { type Lab, type LabClient, startLab } from '#tests/support/app/start-lab.ts'
import type { ProviderFault } from '#tests/support/providers/provider-server.ts'
import { rentHub } from '#tests/support/providers/rented/rented-hub.ts'
import { rentLambda } from '#tests/support/providers/rented/rented-lambda.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { rentRunPod } from '#tests/support/providers/rented/rented-runpod.ts'
import { runnerOn } from '#tests/support/providers/rented/runner-client.ts'

const patienceSeconds = 1.5
let providers: RentedProvider[]
let lab: Lab

beforeAll(async () => {
  providers = await Promise.all([rentRunPod(), rentLambda(), rentHub()])
  lab = await startLab(providers, { patienceSeconds })
})
afterAll(() => lab?.close())

/** What a suite sees of one provider from now on. */
interface Place {
  rented: RentedProvider
  client: LabClient
  asked(): number
  created(): number
  machinesOf(jobId: string): string[]
}

/** Holds for each provider; they are gone through side by side. */
function everywhere(guarantee: string, holds: (place: Place) => Promise<void>): void {
  test(`${guarantee} (RunPod, Lambda, Hugging Face)`, async () => {
    const results = await Promise.allSettled(
      providers.map(async (rented) => {
        const before = { asked: rented.seen.filter(rented.is.create).length, created: rented.created() }
        await holds({
          rented,
          client: lab.at(rented),
          asked: () => rented.seen.filter(rented.is.create).length - before.asked,
          created: () => rented.created() - before.created,
          machinesOf: (jobId) =>
            rented
              .machines()
              .filter(({ name }) => name.endsWith(jobId.replaceAll('-', '')))
              .map(({ ref }) => ref),
        })
      }),
    )
    const failures = results.flatMap((result, at) =>
      result.status === 'rejected'
        ? [
            new Error(`${providers[at]!.label}: ${(result.reason as Error).message}`, {
              cause: result.reason,
            }),
          ]
        : [],
    )
    if (failures.length > 0)
      throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'))
  })
}

const noticed = (code: string) => (event: JobEvent) => event.type === 'notice' && event.data.code === code

/** A job that has its one machine, whose runner's token is good. */
async function expectOneMachine({ rented, client, created, machinesOf }: Place, id: string): Promise<Job> {
  const job = await client.untilStatus(id, 'starting')
  expect(created()).toBe(1)
  expect(machinesOf(id)).toEqual([job.provider_ref])
  const machine = rented.machines().find(({ ref }) => ref === job.provider_ref)!
  expect((await runnerOn(machine).lease()).status).toBe(200)
  return job
}

async function end({ client, machinesOf }: Place, id: string): Promise<void> {
  await client.cancel(id)
  await client.untilStatus(id, 'cancelled')
  expect(machinesOf(id)).toEqual([])
}

describe('an Idempotency-Key', () => {
  everywhere('makes one job and one request of many calls at once', async (place) => {
    const { client, asked, created } = place
    const key = crypto.randomUUID()
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.deploy({}, key)))
    const ids = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { job_id: string }).job_id),
    )
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 202))
    expect(new Set(ids).size).toBe(1)
    await expectOneMachine(place, ids[0]!)
    const again = (await (await client.deploy({}, key)).json()) as { job_id: string; status: string }
    expect(again).toMatchObject({ job_id: ids[0], status: 'starting' })
    expect([asked(), created()]).toEqual([1, 1])
    await end(place, ids[0]!)
  })

  everywhere('of another launch is refused', async (place) => {
    const key = crypto.randomUUID()
    const { job_id } = (await (await place.client.deploy({}, key)).json()) as { job_id: string }
    const other = await place.client.deploy({ budget_limit: 5 }, key)
    expect(other.status).toBe(409)
    expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused' })
    await place.client.untilStatus(job_id, 'starting')
    expect(place.created()).toBe(1)
    await end(place, job_id)
  })
})

const afterCreating: ProviderFault[] = [
  { kind: 'lose-answer' },
  { kind: 'carry-out-in-silence' },
  { kind: 'garbage' },
  { kind: 'carry-out-and-fail', status: 500 },
  { kind: 'carry-out-and-fail', status: 504 },
]
const beforeCreating: ProviderFault[] = [
  { kind: 'hang-up' },
  { kind: 'silence' },
  { kind: 'answer', status: 500, body: 'Internal error' },
  { kind: 'answer', status: 503, body: 'Try later' },
]
const wordsOf = (fault: ProviderFault) => ('status' in fault ? `${fault.kind} ${fault.status}` : fault.kind)

describe('a provider that has created the machine and fails', () => {
  for (const fault of afterCreating) {
    everywhere(`is not asked again: ${wordsOf(fault)}; the machine is found and kept`, async (place) => {
      place.rented.failCreation(fault)
      const id = await place.client.launch({ budget_limit: 5 })
      await place.client.events(id, noticed('machine_adopted'))
      const job = await expectOneMachine(place, id)
      expect(place.asked()).toBe(1)
      // What a budget needs is known of a machine that was found, too.
      expect(job.machine).toMatchObject({
        id: place.rented.machine.id,
        usd_per_hour: place.rented.machine.usdPerHour,
      })
      await end(place, id)
    })
  }

  everywhere('and whose list fails for a while is not asked again either', async (place) => {
    const { rented, client } = place
    rented.failCreation({ kind: 'lose-answer' })
    rented.failListing({ kind: 'answer', status: 500 }, 2)
    const id = await client.launch()
    await expectOneMachine(place, id)
    expect(place.asked()).toBe(1)
    await end(place, id)
  })
})

describe('a provider that fails before it has created anything', () => {
  for (const fault of beforeCreating) {
    everywhere(`is asked again once it is sure: ${wordsOf(fault)}`, async (place) => {
      place.rented.failCreation(fault)
      const id = await place.client.launch()
      await expectOneMachine(place, id)
      expect(place.asked()).toBe(2)
      const [first, second] = place.rented.seen.filter(place.rented.is.create).slice(-2)
      const lastedSeconds = fault.kind === 'silence' ? patienceSeconds : 0
      // LAUNCH_SETTLE_SECONDS, from when the first one was over.
      expect(second!.at - first!.at).toBeGreaterThanOrEqual((lastedSeconds + 1) * 1000)
      await end(place, id)
    })
  }

  everywhere('every time ends the job in words, and nothing is left', async (place) => {
    place.rented.failCreation({ kind: 'answer', status: 500 }, 5)
    const id = await place.client.launch()
    const job = await place.client.untilStatus(id, 'failed')
    expect(job.error).toMatchObject({
      code: 'launch_unanswered',
      message: expect.stringContaining(place.rented.label),
    })
    expect([place.asked(), place.created()]).toEqual([5, 0])
  })

  everywhere('with a refusal ends the job at once, in its words', async (place) => {
    place.rented.failCreation({ kind: 'answer', status: 402, body: { error: 'No credit' } })
    const id = await place.client.launch()
    const job = await place.client.untilStatus(id, 'failed')
    expect(job.error?.code).toBe('provider_balance_low')
    expect([place.asked(), place.created()]).toEqual([1, 0])
  })
})

describe('a machine that turns up after its request was given up', () => {
  everywhere('is ended and reported, and the job keeps the other one', async (place) => {
    const { rented, client, machinesOf } = place
    const late = rented.hold(rented.is.create, 'before')
    const id = await client.launch()
    await late.reached
    const job = await expectOneMachine(place, id)
    late.release()
    await expect.poll(() => place.created(), { timeout: 10_000 }).toBe(2)
    await client.events(id, noticed('orphan_ended'))
    expect(machinesOf(id)).toEqual([job.provider_ref])
    const orphans = (await client.orphans()).filter((orphan) => orphan.job_id === id)
    expect(orphans).toMatchObject([{ reason: 'second_machine', ended_at: expect.any(String) }])
    await end(place, id)
  })
})

describe('a job that is cancelled while its provider is asked', () => {
  everywhere('is cancelled when the answer has come and the machine is gone', async (place) => {
    const { rented, client } = place
    const asked = rented.hold(rented.is.create, 'after')
    const id = await client.launch()
    await asked.reached
    expect((await client.cancel(id)).status).toBe(202)
    expect((await client.job(id)).status).toBe('launching')
    asked.release()
    await client.untilStatus(id, 'cancelled')
    expect(place.created()).toBe(1)
    expect(place.machinesOf(id)).toEqual([])
  })

  everywhere('is cancelled, too, when the answer is lost', async (place) => {
    const { rented, client } = place
    rented.failCreation({ kind: 'lose-answer' })
    const asked = rented.hold(rented.is.create, 'before')
    const id = await client.launch()
    await asked.reached
    await client.cancel(id)
    asked.release()
    await client.untilStatus(id, 'cancelled')
    expect(place.created()).toBe(1)
    expect(place.machinesOf(id)).toEqual([])
  })
})
