import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { RunningJob } from '#tests/support/app/running-job.ts'

export interface FleetOptions {
  url: string
  jobs: readonly RunningJob[]
  everyMilliseconds: number
  seconds: number
}

export interface FleetResult {
  /** From the moment at which a report was due until its answer was there, in milliseconds. */
  latencies: number[]
  sent: number
  /** Of each job: how many reports were answered with 200. */
  accepted: Map<string, number>
  /** Answers other than 200, and connections that broke. */
  refused: string[]
  seconds: number
}

/**
 * As many machines as there are jobs, each with a connection of its own that it keeps, each reporting one point and two
 * lines on its own beat. A beat is kept whatever the answers take, and time is counted from the beat: a server that
 * falls behind is not spared by machines that wait for it.
 */
export async function runFleet({
  url,
  jobs,
  everyMilliseconds,
  seconds,
}: FleetOptions): Promise<FleetResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const result: FleetResult = { latencies: [], sent: 0, accepted: new Map(), refused: [], seconds }
  const startAt = performance.now() + 200
  await Promise.all(
    jobs.map(async (job, index) => {
      const first = startAt + (index / jobs.length) * everyMilliseconds
      let busy: Promise<void> = Promise.resolve()
      for (let seq = 1; ; seq++) {
        const due = first + (seq - 1) * everyMilliseconds
        if (due >= startAt + seconds * 1000) break
        await wait(Math.max(0, due - performance.now()))
        result.sent += 1
        // A runner sends one report after the other.
        busy = busy.then(() => report(url, agent, job, seq, due, result))
      }
      await busy
    }),
  )
  agent.destroy()
  return result
}

function report(
  url: string,
  agent: Agent,
  { id, token }: RunningJob,
  seq: number,
  due: number,
  result: FleetResult,
): Promise<void> {
  const at = new Date().toISOString()
  const lines = [`step ${seq}: forward`, `step ${seq}: backward, 1,024 tokens`]
  const body = JSON.stringify({
    seq,
    status: 'running',
    metrics: [
      { step: seq, total_steps: 10_000, at, loss: 2 / seq, learning_rate: 2e-4, tokens_per_second: 4100.5 },
    ],
    logs: lines.map((line) => ({ at, stream: 'stdout', level: 'info', line })),
  })
  return new Promise((resolve) => {
    const failed = (why: string) => {
      result.refused.push(why)
      resolve()
    }
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const path = `${url}/api/training/jobs/${id}/report`
    const sent = request(path, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => {
        if (answer.statusCode !== 200) return failed(`status ${answer.statusCode}`)
        result.latencies.push(performance.now() - due)
        result.accepted.set(id, (result.accepted.get(id) ?? 0) + 1)
        resolve()
      })
    })
    sent.on('error', (error) => failed(error.message))
    sent.end(body)
  })
}
