import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gpuListSchema, podSchema } from '#lib/training/launchers/runpod/api-types.ts'
import { createRunPodLauncher } from '#lib/training/launchers/runpod/launcher.ts'
import { type Contract, contractMissing, readContract } from '#tests/support/providers/contract-schema.ts'
import { aLaunch, anAccess, aSecret } from '#tests/support/providers/launch-request.ts'
import { type RunPodDouble, startRunPodDouble } from '#tests/support/providers/runpod/start-runpod-double.ts'

const file = 'runpod-v2.json'
const missing = contractMissing(file)
const of = (schema: string) => `#/components/schemas/${schema}`

describe.skipIf(missing)(`RunPod's own contract${missing ? ` (${missing})` : ''}`, () => {
  let contract: Contract
  let runpod: RunPodDouble
  let answer: (path: string, init?: RequestInit) => Promise<{ status: number; body: unknown; type: string }>

  beforeAll(async () => {
    contract = readContract(file)
    runpod = await startRunPodDouble()
    answer = async (path, init) => {
      const authorization = `Bearer ${runpod.apiKey}`
      const response = await fetch(`${runpod.url}/v2${path}`, { headers: { authorization }, ...init })
      const text = await response.text()
      return {
        status: response.status,
        body: text && JSON.parse(text),
        type: response.headers.get('content-type') ?? '',
      }
    }
  })
  afterAll(() => runpod.close())

  test.each([true, false])('holds for what the launcher sends (reachable: %s)', async (isReachable) => {
    const launcher = createRunPodLauncher({
      deploymentId: crypto.randomUUID(),
      secretOf: aSecret(runpod.apiKey),
      apiUrl: runpod.url,
    })
    const access = anAccess(isReachable ? {} : { baseUrl: null })
    await launcher.launch(aLaunch({ provider: 'runpod', environment: { A: 'b' } }), access)
    const body = runpod.seen.findLast(({ method }) => method === 'POST')?.body
    expect(contract.problems(of('CreatePodRequest'), body)).toEqual([])
    expect(contract.problems(of('CreatePodRequest'), { ...(body as object), imageName: 'x' })).not.toEqual([])
  })

  test('holds for what the double answers, and what it answers is read', async () => {
    const { body: list } = await answer('/pods')
    expect(contract.problems(of('ListPodsResponse'), list)).toEqual([])
    const [pod] = (list as { pods: { id: string }[] }).pods
    const { body: one } = await answer(`/pods/${pod!.id}`)
    expect(contract.problems(of('Pod'), one)).toEqual([])
    expect(podSchema.parse(one).id).toBe(pod!.id)
    for (const query of ['', '?include=AVAILABILITY&product=POD']) {
      const { body: gpus } = await answer(`/catalog/gpus${query}`)
      expect(contract.problems(of('ListGpuTypesResponse'), gpus)).toEqual([])
      expect(gpuListSchema.parse(gpus).gpus).toHaveLength(4)
    }
  })

  test("holds for the double's refusals", async () => {
    const post = (body: unknown) =>
      answer('/pods', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${runpod.apiKey}` },
      })
    const refusals = [
      await answer('/pods/none'),
      await answer('/pods', { headers: {} }),
      await post({ name: 'x', imageName: 'y' }),
      await post({ name: 'x', image: 'y', gpu: { id: 'NVIDIA H100 80GB HBM3' } }),
      await post({ name: 'x', image: 'y' }),
    ]
    expect(refusals.map(({ status }) => status)).toEqual([404, 401, 422, 400, 400])
    for (const { body, type } of refusals) {
      expect(type).toBe('application/problem+json')
      expect(contract.problems(of('ErrorResponse'), body)).toEqual([])
    }
  })

  test("holds for the document's own example, and we read it", async () => {
    const example = readExample()
    expect(contract.problems(of('Pod'), example)).toEqual([])
    expect(podSchema.parse(example)).toMatchObject({ status: 'RUNNING', cost: 0.44 })
  })
})

/** A pod as the document shows it, in our own words: what is optional left out, what may be null null. */
function readExample() {
  return {
    id: '7h9k2m4n6p',
    name: 'pytorch-training',
    image: 'runpod/pytorch',
    args: '',
    disk: 50,
    ports: [],
    env: {},
    registry: null,
    status: 'RUNNING',
    actions: ['stop'],
    mounts: {},
    gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1 },
    cloud: 'SECURE',
    dataCenterId: null,
    cudaVersion: null,
    ssh: { proxy: null, direct: null },
    template: null,
    cost: 0.44,
    locked: false,
    globalNetworking: { enabled: false },
    runtime: { uptime: 3600 },
    createdAt: '2026-06-01T12:00:00Z',
    startedAt: null,
  }
}
