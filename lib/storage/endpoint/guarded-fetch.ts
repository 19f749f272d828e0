import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { GuardedAgents } from './endpoint-guard.ts'

export interface GuardedAnswer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
}

const answerBytesMax = 1024 * 1024
const answerMilliseconds = 15_000

/** One small GET through agents that refuse private addresses. Redirects are answers like others. */
export async function guardedFetch(
  url: URL,
  agents: GuardedAgents,
  options: { headers?: Record<string, string>; signal?: AbortSignal | undefined } = {},
): Promise<GuardedAnswer> {
  const secure = url.protocol === 'https:'
  const timeout = AbortSignal.timeout(answerMilliseconds)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = secure ? httpsRequest : httpRequest
    const agent = secure ? agents.https : agents.http
    send(url, { agent, signal, headers: options.headers ?? {} })
      .on('response', resolve)
      .on('error', (error) => reject(timeout.aborted ? timeout.reason : error))
      .end()
  })
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > answerBytesMax) break
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }
}
