import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instanceListSchema, instanceTypesSchema } from '#lib/training/launchers/lambda/api-types.ts'
import { createLambdaLauncher } from '#lib/training/launchers/lambda/launcher.ts'
import { type Contract, contractMissing, readContract } from '#tests/support/providers/contract-schema.ts'
import { type LambdaDouble, startLambdaDouble } from '#tests/support/providers/lambda/start-lambda-double.ts'
import { aLaunch, anAccess, aSecret } from '#tests/support/providers/launch-request.ts'

const file = 'lambda-1.10.0.json'
const missing = contractMissing(file)
const path = (route: string, method: string, part: string) =>
  `#/paths/~1api~1v1${route.replaceAll('/', '~1')}/${method}/${part}/content/application~1json/schema`
const sentTo = (route: string) => path(route, 'post', 'requestBody')
const answeredBy = (route: string, method: string, status: number) =>
  path(route, method, `responses/${status}`)

describe.skipIf(missing)(`Lambda's own contract${missing ? ` (${missing})` : ''}`, () => {
  let contract: Contract
  let lambda: LambdaDouble

  beforeAll(async () => {
    contract = readContract(file)
    lambda = await startLambdaDouble({ pace: { secondsPerRequest: 0, secondsPerLaunch: 0 } })
    const launcher = createLambdaLauncher({
      deploymentId: crypto.randomUUID(),
      secretOf: aSecret(lambda.apiKey, { lambda: { ssh_key_name: 'finetunelab' } }),
      takeTurn: async () => {},
      apiUrl: lambda.url,
      pollSeconds: 0.02,
    })
    const { providerRef } = await launcher.launch(aLaunch({ provider: 'lambda' }), anAccess())
    await launcher.end('user', providerRef)
    await launcher.launch(aLaunch({ provider: 'lambda' }), anAccess())
  })
  afterAll(() => lambda.close())

  const sent = (route: string) => lambda.seen.findLast((request) => request.path === `/api/v1${route}`)?.body

  async function answered(route: string, init: RequestInit = {}, key = lambda.apiKey) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const response = await fetch(`${lambda.url}/api/v1${route}`, { ...init, headers })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  test.each(['/instance-operations/launch', '/instance-operations/terminate'])(
    'holds for what the launcher sends to %s',
    (route) => {
      expect(contract.problems(sentTo(route), sent(route))).toEqual([])
      const more = { ...(sent(route) as object), quantity: 1 }
      expect(contract.problems(sentTo(route), more)).not.toEqual([])
    },
  )

  test('holds for what the double answers, and what it answers is read', async () => {
    for (const route of ['/instances', '/instance-types', '/ssh-keys']) {
      const { body } = await answered(route)
      expect(contract.problems(answeredBy(route, 'get', 200), body), route).toEqual([])
    }
    const instances = instanceListSchema.parse((await answered('/instances')).body).data
    expect(instances).not.toHaveLength(0)
    expect(
      Object.keys(instanceTypesSchema.parse((await answered('/instance-types')).body).data),
    ).toHaveLength(3)
    const body = JSON.stringify({ instance_ids: [instances[0]!.id] })
    const ended = await answered('/instance-operations/terminate', { method: 'POST', body })
    expect(contract.problems(answeredBy('/instance-operations/terminate', 'post', 200), ended.body)).toEqual(
      [],
    )
  })

  test("holds for the double's refusals", async () => {
    const route = '/instance-operations/launch'
    const wish = {
      region_name: 'us-west-1',
      instance_type_name: 'gpu_1x_a10',
      ssh_key_names: ['finetunelab'],
    }
    const post = (change: object) =>
      answered(route, { method: 'POST', body: JSON.stringify({ ...wish, ...change }) })
    const refusals = [
      await post({}),
      await post({ quantity: 2 }),
      await post({ ssh_key_names: ['finetunelab', 'another'] }),
      await post({ ssh_key_names: ['unknown'] }),
      await answered(route, { method: 'POST', body: '{}' }, 'a-wrong-key'),
    ]
    expect(refusals.map(({ status, body }) => [status, (body.error as { code: string }).code])).toEqual([
      [400, 'instance-operations/launch/insufficient-capacity'],
      [400, 'global/invalid-parameters'],
      [400, 'global/invalid-parameters'],
      [404, 'global/object-does-not-exist'],
      [401, 'global/invalid-api-key'],
    ])
    for (const { status, body } of refusals)
      expect(contract.problems(answeredBy(route, 'post', status), body)).toEqual([])
  })
})
