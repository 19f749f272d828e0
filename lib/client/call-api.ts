import type { z } from 'zod'
import { type ApiConnection, apiHeaders, apiUrl, type QueryValue } from './api-connection.ts'
import { aborted, unreachable } from './api-error.ts'
import { type RawAnswer, readAnswer } from './read-answer.ts'

export interface ApiCall<Schema extends z.ZodType> {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Record<string, QueryValue>
  /** Sent as JSON. */
  json?: unknown
  headers?: Record<string, string>
  answer: Schema
  /** Reads the JSON of the answer, for whoever needs its numbers digit by digit. */
  parse?: ((text: string) => unknown) | undefined
  signal?: AbortSignal | undefined
}

/** One request, one parsed answer; throws ApiError and nothing else. */
export async function callApi<Schema extends z.ZodType>(
  api: ApiConnection,
  call: ApiCall<Schema>,
): Promise<z.output<Schema>> {
  const withBody: Record<string, string> =
    call.json === undefined ? {} : { 'content-type': 'application/json' }
  const response = await sendRequest(api, apiUrl(api, call.path, call.query), {
    method: call.method ?? 'GET',
    headers: apiHeaders(api, { ...withBody, ...call.headers }),
    body: call.json === undefined ? null : JSON.stringify(call.json),
    signal: call.signal ?? null,
  })
  return readAnswer(await rawAnswer(response), call.answer, call.parse)
}

/** `fetch` with its failures told apart: nobody there, or the caller went away. */
export async function sendRequest(api: ApiConnection, url: string, init: RequestInit): Promise<Response> {
  try {
    return await (api.fetch ?? fetch)(url, init)
  } catch (error) {
    throw init.signal?.aborted ? aborted(error) : unreachable(error)
  }
}

export async function rawAnswer(response: Response): Promise<RawAnswer> {
  try {
    const text = await response.text()
    return { status: response.status, text, header: (name) => response.headers.get(name) }
  } catch (error) {
    throw unreachable(error)
  }
}
