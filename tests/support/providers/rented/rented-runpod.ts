import type { SeenRequest } from '../provider-server.ts'
import { Pod } from '../runpod/pod.ts'
import { startRunPodDouble } from '../runpod/start-runpod-double.ts'
import { countOf, type RentedProvider } from './rented-provider.ts'

export async function rentRunPod(): Promise<RentedProvider> {
  const double = await startRunPodDouble()
  const timing = { provisioningSeconds: 0, startingSeconds: 0 }
  const created: string[] = []
  const isFull = (full: boolean) => {
    for (const gpu of double.gpus) gpu.stock = full || gpu.id.includes('H100') ? 0 : 100
  }
  isFull(false)
  const set = double.pods.set.bind(double.pods)
  double.pods.set = (id, pod) => {
    created.push(pod.body.name)
    return set(id, pod)
  }
  const asks = (method: string, path: RegExp) => (request: SeenRequest) =>
    request.method === method && path.test(request.path)
  const machine = { id: 'NVIDIA GeForce RTX 4090', usdPerHour: 0.69 }
  return {
    provider: 'runpod',
    label: 'RunPod',
    settings: { RUNPOD_API_URL: double.url },
    secret: { provider: 'runpod', api_key: double.apiKey },
    seen: double.seen,
    execute(really) {
      double.execute = really
    },
    options: { gpu_type: 'NVIDIA GeForce RTX 4090' },
    machine,
    setPrice(usdPerHour) {
      machine.usdPerHour = usdPerHour
      double.gpus.find(({ id }) => id === machine.id)!.price = usdPerHour
    },
    is: {
      create: asks('POST', /^\/v2\/pods$/),
      look: asks('GET', /^\/v2\/pods\/[^/]+$/),
      list: asks('GET', /^\/v2\/pods$/),
      end: asks('DELETE', /^\/v2\/pods\//),
    },
    attempts: 1,
    failCreation: (fault, times) => double.fail('POST /v2/pods', fault, times),
    failListing: (fault, times) => double.fail('GET /v2/pods', fault, times),
    fail: double.fail,
    hold: double.hold,
    machines: () =>
      [...double.pods.values()].map(({ id, body }) => ({
        ref: id,
        name: body.name,
        environment: body.env ?? {},
      })),
    isUp: () => true,
    created: (name) => countOf(created, name),
    takeAway(ref) {
      void double.pods.get(ref)?.remove()
      double.pods.delete(ref)
    },
    comeToItsEnd() {
      // RunPod starts a container again whenever it ends: a pod never comes to its end.
    },
    putUp(name) {
      const body = { name, image: 'busybox', gpu: { id: 'NVIDIA L40S', count: 1 } }
      const pod = new Pod(body, { timing, usdPerHour: 0.86, dataCenter: 'US-KS-2', execute: false })
      double.pods.set(pod.id, pod)
      return pod.id
    },
    room: {
      secondChoice: {
        options: { gpu_type: ['NVIDIA H100 80GB HBM3', 'NVIDIA RTX A6000'] },
        machine: { id: 'NVIDIA RTX A6000', region: 'US-KS-2' },
      },
      isFull,
    },
    slowEnd(seconds) {
      double.deletionSeconds = seconds
    },
    close: double.close,
  }
}
