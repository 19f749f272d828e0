import { HubJob } from '../huggingface/hub-job.ts'
import { startHubDouble } from '../huggingface/start-hub-double.ts'
import type { SeenRequest } from '../provider-server.ts'
import { countOf, type RentedProvider } from './rented-provider.ts'

export async function rentHub({
  schedulingSeconds = 0.05,
} = {}): Promise<RentedProvider & { double: Awaited<ReturnType<typeof startHubDouble>> }> {
  const double = await startHubDouble({ schedulingSeconds })
  const asks = (method: string, path: RegExp) => (request: SeenRequest) =>
    request.method === method && path.test(request.path)
  const idOf = (ref: string) => ref.slice(ref.indexOf('/') + 1)
  const machine = { id: 't4-small', usdPerHour: 0.4 }
  return {
    double,
    provider: 'huggingface',
    label: 'Hugging Face',
    settings: { HF_ENDPOINT: double.url },
    secret: { provider: 'huggingface', api_key: double.token },
    seen: double.seen,
    execute(really) {
      double.execute = really
    },
    options: { flavor: 't4-small' },
    machine,
    setPrice(usdPerHour) {
      machine.usdPerHour = usdPerHour
      double.setPrice(machine.id, usdPerHour)
    },
    is: {
      create: asks('POST', /^\/api\/jobs\/[^/]+$/),
      look: asks('GET', /^\/api\/jobs\/[^/]+\/[^/]+$/),
      list: asks('GET', /^\/api\/jobs\/(?!hardware$)[^/]+$/),
      end: asks('POST', /\/cancel$/),
    },
    attempts: 1,
    failCreation: (fault, times) => double.fail(`POST /api/jobs/${double.account}`, fault, times),
    failListing: (fault, times) => double.fail(`GET /api/jobs/${double.account}`, fault, times),
    fail: double.fail,
    hold: double.hold,
    machines: () =>
      [...double.jobs.values()]
        .filter(({ isOver }) => !isOver)
        .map(({ id, body }) => ({
          ref: `${double.account}/${id}`,
          name: body.labels?.name ?? '',
          environment: { ...body.environment, ...body.secrets },
        })),
    isUp: (ref) => double.jobs.get(idOf(ref))?.stage === 'RUNNING',
    created: (name) =>
      countOf(
        [...double.jobs.values()].map(({ body }) => body.labels?.name),
        name,
      ),
    takeAway(ref) {
      void double.jobs.get(idOf(ref))?.finish('DELETED')
      double.jobs.delete(idOf(ref))
    },
    comeToItsEnd: (ref) => void double.jobs.get(idOf(ref))?.finish('COMPLETED'),
    putUp(name) {
      const [, deployment = ''] = name.split('-')
      const body = {
        dockerImage: 'busybox',
        command: ['true'],
        arguments: [],
        environment: {},
        flavor: 't4-small',
        labels: { name, finetunelab: deployment },
      }
      const job = new HubJob(body, { owner: double.account, schedulingSeconds: 0, execute: false })
      double.jobs.set(job.id, job)
      return `${double.account}/${job.id}`
    },
    // A job for which there is no room waits in SCHEDULING.
    room: null,
    slowEnd(seconds) {
      double.cancelSeconds = seconds
    },
    close: double.close,
  }
}
