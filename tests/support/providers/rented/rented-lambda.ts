import { Instance } from '../lambda/instance.ts'
import { startLambdaDouble } from '../lambda/start-lambda-double.ts'
import type { SeenRequest } from '../provider-server.ts'
import { countOf, type RentedProvider } from './rented-provider.ts'

export async function rentLambda(): Promise<RentedProvider> {
  const timing = { bootingSeconds: 0.05, addressSeconds: 0.05, terminatingSeconds: 0.05 }
  const double = await startLambdaDouble({
    timing,
    // What this provider's pace is about has suites of its own.
    pace: { secondsPerRequest: 0, secondsPerLaunch: 0 },
  })
  const asks = (method: string, path: string) => (request: SeenRequest) =>
    request.method === method && request.path === `/api/v1${path}`
  const living = () => [...double.instances.values()].filter(({ status }) => status !== 'terminated')
  const machine = { id: 'gpu_1x_a10', usdPerHour: 0.75 }
  return {
    provider: 'lambda',
    label: 'Lambda',
    settings: { LAMBDA_API_URL: double.url },
    secret: {
      provider: 'lambda',
      api_key: double.apiKey,
      metadata: { lambda: { ssh_key_name: double.sshKeys[0]! } },
    },
    seen: double.seen,
    execute(really) {
      double.execute = really
    },
    options: { instance_type: 'gpu_1x_a10', region: 'us-east-1' },
    machine,
    setPrice(usdPerHour) {
      machine.usdPerHour = usdPerHour
      double.types.find(({ name }) => name === machine.id)!.centsPerHour = Math.round(usdPerHour * 100)
    },
    is: {
      create: asks('POST', '/instance-operations/launch'),
      look: (request) => request.method === 'GET' && /^\/api\/v1\/instances(\/|$)/.test(request.path),
      list: asks('GET', '/instances'),
      end: asks('POST', '/instance-operations/terminate'),
    },
    attempts: 1,
    failCreation: (fault, times) => double.fail('POST /api/v1/instance-operations/launch', fault, times),
    failListing: (fault, times) => double.fail('GET /api/v1/instances', fault, times),
    fail: double.fail,
    hold: double.hold,
    machines: () =>
      living().map(({ id, body }) => ({
        ref: id,
        name: body.name ?? '',
        environment: environmentIn(body.user_data ?? ''),
      })),
    isUp: () => true,
    created: (name) =>
      countOf(
        [...double.instances.values()].map(({ body }) => body.name),
        name,
      ),
    takeAway(ref) {
      void double.instances.get(ref)?.terminate()
      double.instances.delete(ref)
    },
    comeToItsEnd() {
      // An instance stays up when its program has ended.
    },
    putUp(name) {
      const body = {
        name,
        region_name: 'us-east-1',
        instance_type_name: 'gpu_1x_a10',
        ssh_key_names: double.sshKeys,
      }
      const instance = new Instance(body, { timing, execute: false })
      double.instances.set(instance.id, instance)
      return instance.id
    },
    room: {
      secondChoice: {
        options: { instance_type: 'gpu_1x_a10', region: ['us-west-1', 'us-east-1'] },
        machine: { id: 'gpu_1x_a10', region: 'us-east-1' },
      },
      isFull(full) {
        for (const type of double.types) type.room = full ? [] : ['us-east-1']
      },
    },
    slowEnd(seconds) {
      timing.terminatingSeconds = seconds
    },
    close: double.close,
  }
}

/** The variables in the cloud-init file that the launcher writes for the bootstrap. */
function environmentIn(userData: string): Record<string, string> {
  if (userData === '') return {}
  const { write_files } = JSON.parse(userData.replace(/^#cloud-config\n/, '')) as {
    write_files: { path: string; content: string }[]
  }
  const file = write_files.find(({ path }) => path.endsWith('/environment'))!
  const text = Buffer.from(file.content, 'base64').toString()
  return Object.fromEntries(
    [...text.matchAll(/^export (\w+)='((?:[^']|'\\'')*)'$/gm)].map(([, name, value]) => [
      name!,
      value!.replaceAll("'\\''", "'"),
    ]),
  )
}
