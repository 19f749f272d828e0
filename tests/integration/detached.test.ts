import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobEvent } from '#lib/training/job.types.ts'
import { type Lab, startLab } from '#tests/support/app/start-lab.ts'
import { rentHub } from '#tests/support/providers/rented/rented-hub.ts'
import { rentLambda } from '#tests/support/providers/rented/rented-lambda.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { rentRunPod } from '#tests/support/providers/rented/rented-runpod.ts'
import { rentSageMaker } from '#tests/support/providers/rented/rented-sagemaker.ts'
import { runContainer } from '#tests/support/providers/sagemaker/run-container.ts'

let runpod: RentedProvider
let hub: RentedProvider
let lambda: RentedProvider
let sagemaker: Awaited<ReturnType<typeof rentSageMaker>>
let lab: Lab

beforeAll(async () => {
  ;[runpod, hub, lambda, sagemaker] = await Promise.all([
    rentRunPod(),
    rentHub(),
    rentLambda(),
    rentSageMaker(),
  ])
  lab = await startLab([runpod, hub, lambda, sagemaker], { unreachable: true })
})
afterAll(() => lab?.close())

const statusesIn = (events: JobEvent[]) =>
  events.flatMap((event) => (event.type === 'status' ? [event.data.status] : []))
const stepsIn = (events: JobEvent[]) =>
  events.flatMap((event) => (event.type === 'metrics' ? event.data.map(({ step }) => step) : []))
const asked = (rented: RentedProvider) => rented.seen.filter(rented.is.create).length

/** The machine of a job, which has to do without us. */
function machineOf(rented: RentedProvider, jobId: string) {
  const machine = rented.machines().find(({ environment }) => environment.JOB_ID === jobId)
  expect(machine?.environment).not.toHaveProperty('FINETUNELAB_URL')
  return machine!
}

describe('without an address that a machine could reach', () => {
  const words = async (rented: RentedProvider, body: Record<string, unknown> = {}) => {
    const answer = await lab.at(rented).deploy(body)
    const refusal = (await answer.json()) as { error: string; code: string; details: unknown }
    return { ...refusal, status: answer.status, details: JSON.stringify(refusal.details) }
  }

  test.each(['RunPod', 'Hugging Face', 'SageMaker'])(
    'a launch at %s says so and offers detached mode',
    async (label) => {
      const rented = [runpod, hub, sagemaker].find((one) => one.label === label)!
      const refusal = await words(rented)
      expect(refusal).toMatchObject({
        status: 400,
        code: 'app_base_url_unreachable',
        error: `A machine at ${label} cannot reach this application`,
      })
      expect(refusal.details).toContain('APP_BASE_URL is not set.')
      expect(refusal.details).toMatch(/\\"detached\\": true.*good for two hours.*no live loss/)
      expect(asked(rented)).toBe(0)
    },
  )

  test('a store for a result that cannot come to us is refused, with where it can go', async () => {
    const refusal = await words(runpod, { detached: true, artifact_storage_provider: 'local' })
    expect(refusal).toMatchObject({ status: 400, code: 'result_not_ours' })
    expect(refusal.details).toContain('HF_REPO_ID')
    expect(asked(runpod)).toBe(0)
  })

  test('a launch at Lambda, which shows no log to learn an end from, says so and offers nothing', async () => {
    const refusal = await words(lambda)
    expect(refusal).toMatchObject({ status: 400, code: 'app_base_url_unreachable' })
    expect(refusal.details).not.toContain('detached')
    expect(await words(lambda, { detached: true })).toMatchObject({ status: 400, code: 'cannot_detach' })
    expect(asked(lambda)).toBe(0)
  })
})

describe.each(['RunPod', 'Hugging Face'])('detached at %s', (label) => {
  const rentedOne = () => (label === 'RunPod' ? runpod : hub)

  test('the real runner trains with one link that is good for two hours, and its log tells the rest', async () => {
    const rented = rentedOne()
    const client = lab.at(rented)
    rented.execute(true)
    const id = await client.launch({ detached: true })
    await client.untilStatus(id, 'starting', 'running')
    const { environment } = machineOf(rented, id)
    const leases = await client.leases(id)
    expect(leases.map(({ action }) => action).toSorted()).toEqual(['issued', 'token_issued'])
    const { expires_at } = leases.find(({ action }) => action === 'issued')!
    const goodForSeconds = (Date.parse(expires_at!) - Date.now()) / 1000
    expect(goodForSeconds).toBeGreaterThan(7100)
    expect(goodForSeconds).toBeLessThanOrEqual(7200)
    expect(environment.DATASET_URL).toMatch(/^http.*token=/)

    const events = await client.events(id)
    rented.execute(false)
    expect(statusesIn(events)).toEqual(['queued', 'launching', 'starting', 'running', 'succeeded'])
    expect(stepsIn(events)).toEqual([1, 2, 3, 4])
    const job = await client.until(id, ({ billed_until }) => billed_until !== null)
    expect(job).toMatchObject({
      detached: true,
      progress: { step: 4 },
      last_heartbeat_at: expect.any(String),
    })
    expect(rented.machines()).toEqual([])
  })

  test('a training is cancelled when its machine is gone', async () => {
    const rented = rentedOne()
    const client = lab.at(rented)
    const id = await client.launch({ detached: true })
    await client.untilStatus(id, 'starting', 'running')
    machineOf(rented, id)
    await client.cancel(id)
    await client.untilStatus(id, 'cancelled')
    expect(rented.machines()).toEqual([])
  })
})

describe('detached at SageMaker', () => {
  test('the real runner trains with what lies in its channels, and its log tells the rest', async () => {
    const client = lab.at(sagemaker)
    const id = await client.launch({ detached: true })
    const { provider_ref: ref } = await client.untilStatus(id, 'starting', 'running')
    const { environment } = machineOf(sagemaker, id)
    expect(environment).not.toHaveProperty('JOB_TOKEN')
    expect(environment.DATASET_URL).toMatch(/^file:/)

    const training = sagemaker.double.jobs.get(ref!)!
    const ended = await runContainer(training.request, await bucketOf(lab))
    expect(ended.exitStatus).toBe(0)
    sagemaker.double.logs.say(`${ref}/algo-1-1764000000`, ...ended.lines)
    await client.untilStatus(id, 'running')
    training.follow('Uploading', 'Completed')
    const events = await client.events(id)
    expect(statusesIn(events)).toEqual(['queued', 'launching', 'starting', 'running', 'succeeded'])
    expect(stepsIn(events)).toEqual([1, 2, 3, 4])
  })
})

/** The bucket as its owner reads it. */
async function bucketOf({ app }: Lab) {
  const { id } = await app.services.identity.ensureOwner()
  return app.services.stores.open('s3', await app.services.storageAccess(id))
}
