import type { SecretProvider } from '#lib/secrets/secret.types.ts'

/** One call of a provider's API; the address, the key and the deadline are the same for all of them. */
export interface ProviderRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base address, with its leading slash. */
  path: string
  query?: Record<string, string>
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
  timeoutSeconds?: number
}

export interface ProviderAnswer {
  status: number
  headers: Headers
  requestId: string | null
  /** Parsed JSON; the text where it is none; null where there is none. */
  body: unknown
}

/** The provider said no: an answer outside 2xx, kept whole for the mapper. */
export class ProviderRefusal extends Error {
  override readonly name = 'ProviderRefusal'
  readonly answer: ProviderAnswer
  /** From `Retry-After`, or from the `RateLimit` of the windows that are used up. */
  readonly retryAfterSeconds: number | undefined

  constructor(answer: ProviderAnswer) {
    super(`HTTP ${answer.status}`)
    this.answer = answer
    this.retryAfterSeconds = secondsToWait(answer.headers)
  }

  get status(): number {
    return this.answer.status
  }
}

/** No answer, half of one, or one that cannot be read: nobody knows whether the request was carried out. */
export class ProviderSilence extends Error {
  override readonly name = 'ProviderSilence'
}

export interface ProviderHttpOptions {
  /** Without a slash at its end. */
  baseUrl: string
  apiKey: string
  fetch: typeof fetch
  /** Waits until the account may be asked again, for providers that limit the pace. */
  pace?: (request: ProviderRequest) => Promise<void>
}

export interface ProviderHttp {
  /** Throws ProviderRefusal or ProviderSilence. */
  call(request: ProviderRequest): Promise<ProviderAnswer>
  /** Opens a stream; the deadline covers the head of the answer only, the caller ends the rest with `signal`. */
  open(request: ProviderRequest): Promise<Response>
}

const defaultTimeoutSeconds = 30
const bodyBytesMax = 32 * 1024 ** 2

export function createProviderHttp({ baseUrl, apiKey, fetch, pace }: ProviderHttpOptions): ProviderHttp {
  const send = async (request: ProviderRequest, signal: AbortSignal): Promise<Response> => {
    const query = request.query ? `?${new URLSearchParams(request.query)}` : ''
    try {
      return await fetch(`${baseUrl}${request.path}${query}`, {
        method: request.method,
        // Elsewhere is not where the key belongs.
        redirect: 'manual',
        headers: {
          authorization: `Bearer ${apiKey}`,
          accept: 'application/json',
          'user-agent': 'finetunelab',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        signal,
      })
    } catch (error) {
      throw silence(error)
    }
  }
  return {
    async call(request) {
      await pace?.(request)
      const timeout = AbortSignal.timeout((request.timeoutSeconds ?? defaultTimeoutSeconds) * 1000)
      const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout
      const answer = await readAnswer(await send(request, signal))
      if (answer.status < 200 || answer.status > 299) throw new ProviderRefusal(answer)
      return answer
    },
    async open(request) {
      await pace?.(request)
      const head = new AbortController()
      const timer = setTimeout(() => head.abort(), (request.timeoutSeconds ?? defaultTimeoutSeconds) * 1000)
      const signal = request.signal ? AbortSignal.any([head.signal, request.signal]) : head.signal
      try {
        const response = await send(request, signal)
        if (response.ok) return response
        throw new ProviderRefusal(await readAnswer(response))
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

/** The address of an API from a setting that may or may not end in the API's own prefix. */
export function apiAddress(setting: string | undefined, host: string, prefix: string): string {
  const base = (setting ?? host).replace(/\/+$/, '')
  return base.endsWith(prefix) ? base : `${base}${prefix}`
}

async function readAnswer(response: Response): Promise<ProviderAnswer> {
  const { status, headers } = response
  const requestId = headers.get('x-request-id') ?? headers.get('cf-ray')
  let text: string
  try {
    text = await readText(response)
  } catch (error) {
    throw silence(error)
  }
  return { status, headers, requestId, body: text === '' ? null : parsed(text, status) }
}

async function readText({ body }: Response): Promise<string> {
  if (!body) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > bodyBytesMax) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parsed(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    if (status < 200 || status > 299) return text
    throw new ProviderSilence('the answer is not JSON')
  }
}

function silence(error: unknown): ProviderSilence {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } }
  const reason =
    name === 'TimeoutError' || name === 'AbortError' ? 'no answer in time' : (cause?.code ?? cause?.message)
  return new ProviderSilence(reason ?? message, { cause: error })
}

/** Of several windows the longest counts (RateLimit: "minute";r=0;t=12, "hour";r=3;t=900). */
function secondsToWait(headers: Headers): number | undefined {
  const told = Number(headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(told) && told >= 0) return told
  const windows = [...(headers.get('ratelimit') ?? '').matchAll(/;\s*r=0\b[^,]*?;\s*t=(\d+)/g)]
  return windows.length > 0 ? Math.max(...windows.map(([, seconds]) => Number(seconds))) : undefined
}

/** Whose API it is, in words and in the vault. */
export interface ProviderName {
  label: string
  secret: SecretProvider
}
