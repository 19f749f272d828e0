import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { Readable } from 'node:stream'

export interface ArtifactSending {
  url: string
  token: string
  jobId: string
  name: string
  bytes: Uint8Array
  sha256?: string
  /** Goes on at this byte. */
  start?: number
  /** Breaks the connection after so many bytes of the body, once `beforeCut` has resolved. */
  cutAfterBytes?: number
  beforeCut?: () => Promise<unknown>
}

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** PUTs an artifact as the runner does, byte for byte; null when the connection ended without an answer. */
export function sendArtifact(
  sending: ArtifactSending,
): Promise<{ status: number; body: Record<string, unknown> } | null> {
  const { url, token, jobId, name, bytes, start = 0, cutAfterBytes, beforeCut } = sending
  const body = bytes.subarray(start)
  const headers: Record<string, string> = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/octet-stream',
    'content-length': String(body.length),
    'x-content-sha256': sending.sha256 ?? sha256Of(bytes),
  }
  if (start > 0) headers['content-range'] = `bytes ${start}-${bytes.length - 1}/${bytes.length}`
  const path = `${url}/api/training/jobs/${jobId}/artifacts/${encodeURIComponent(name)}`
  return new Promise((resolve) => {
    const sent = request(path, { method: 'PUT', headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk) => (text += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }))
      answer.on('error', () => resolve(null))
    })
    sent.on('error', () => resolve(null))
    sent.on('close', () => resolve(null))
    const cut = async () => {
      await beforeCut?.()
      sent.destroy()
    }
    Readable.from(pieces(body, cutAfterBytes, cut)).pipe(sent)
  })
}

async function* pieces(body: Uint8Array, cutAfterBytes: number | undefined, cut: () => Promise<void>) {
  const end = Math.min(body.length, cutAfterBytes ?? body.length)
  for (let at = 0; at < end; at += 1 << 18) yield body.subarray(at, Math.min(at + (1 << 18), end))
  if (end < body.length) await cut()
}
