import { Agent, get, type IncomingMessage } from 'node:http'

export interface OpenPages {
  /** Resolves when every page has as many metric events as `wanted` says of its job; answers what is missing after the patience. */
  settled(wanted: Map<string, number>, patienceMilliseconds: number): Promise<number>
  received(): number
  close(): void
}

/** Live pages of these jobs, one each, as browsers open them: server-sent events over a connection of their own. */
export async function openPages(url: string, token: string, jobIds: readonly string[]): Promise<OpenPages> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const counts = new Map(jobIds.map((id) => [id, 0]))
  const answers = await Promise.all(
    jobIds.map(
      (id) =>
        new Promise<IncomingMessage>((resolve, reject) => {
          const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
          const asked = get(`${url}/api/training/jobs/${id}/events`, { agent, headers }, (answer) => {
            if (answer.statusCode !== 200)
              return reject(new Error(`A page was answered ${answer.statusCode}`))
            let tail = ''
            answer.setEncoding('latin1')
            answer.on('data', (chunk: string) => {
              const text = tail + chunk
              counts.set(id, counts.get(id)! + text.split(marker).length - 1)
              // A marker that is cut in two is counted when its other half is there.
              tail = text.slice(1 - marker.length)
            })
            resolve(answer)
          })
          asked.on('error', reject)
        }),
    ),
  )
  const missing = (wanted: Map<string, number>) =>
    jobIds.reduce((sum, id) => sum + Math.abs((wanted.get(id) ?? 0) - counts.get(id)!), 0)
  return {
    async settled(wanted, patienceMilliseconds) {
      const deadline = Date.now() + patienceMilliseconds
      while (missing(wanted) > 0 && Date.now() < deadline) await new Promise((done) => setTimeout(done, 50))
      return missing(wanted)
    },
    received: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    close() {
      for (const answer of answers) answer.destroy()
      agent.destroy()
    },
  }
}

const marker = 'event: metrics\n'
