import { createHash } from 'node:crypto'
import type { Lease, Report } from '#lib/training/job.types.ts'
import type { RentedMachine } from './rented-provider.ts'

type ReportInput = Omit<Report, 'seq' | 'logs'> & { logs?: string[] }

/** Speaks as the runner on a machine does: with what the machine was started with, and nothing else. */
export interface RunnerClient {
  /** The same token, held out for another job. */
  as(jobId: string): RunnerClient
  lease(start?: string): Promise<Response>
  report(report?: ReportInput): Promise<Response>
  /** Whether the answer to a report was to stop. */
  isTold(report?: ReportInput): Promise<{ status: string; cancel: boolean }>
  /** The SHA-256 of the first dataset's bytes, as its link gives them. */
  fetchDataset(): Promise<string>
}

export function runnerOn(machine: Pick<RentedMachine, 'environment'>): RunnerClient {
  const { FINETUNELAB_URL: url, JOB_ID: id, JOB_TOKEN: token } = machine.environment
  if (!url || !id || !token)
    throw new Error(`The machine lacks an address or a token: ${Object.keys(machine.environment)}`)
  let seq = 0
  const call = (path: string, body: unknown) =>
    fetch(`${url}/api/training/jobs/${id}/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
  const client: RunnerClient = {
    as: (jobId) => runnerOn({ environment: { ...machine.environment, JOB_ID: jobId } }),
    lease: (start) => call('lease', start ? { start } : {}),
    report: ({ logs, ...report } = {}) =>
      call('report', {
        seq: ++seq,
        ...report,
        ...(logs
          ? { logs: logs.map((line) => ({ at: new Date().toISOString(), stream: 'stdout', line })) }
          : {}),
      }),
    async isTold(report) {
      const answer = await client.report(report)
      if (answer.status !== 200)
        throw new Error(`The report was answered ${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as { status: string; cancel: boolean }
    },
    async fetchDataset() {
      const { datasets } = (await (await client.lease()).json()) as Lease
      const answer = await fetch(datasets[0]!.url)
      return createHash('sha256')
        .update(new Uint8Array(await answer.arrayBuffer()))
        .digest('hex')
    },
  }
  return client
}
