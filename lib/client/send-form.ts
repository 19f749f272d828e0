import { type ApiConnection, apiHeaders } from './api-connection.ts'
import { rawAnswer, sendRequest } from './call-api.ts'
import type { RawAnswer } from './read-answer.ts'

export interface FormRequest {
  url: string
  form: FormData
  headers: Record<string, string>
  signal?: AbortSignal | undefined
  /** Bytes that have left, of all. Not every sender can tell. */
  onSent?: ((sentBytes: number, totalBytes: number) => void) | undefined
}

export type FormSender = (api: ApiConnection, request: FormRequest) => Promise<RawAnswer>

/** Works everywhere, but says nothing while it sends. */
export const sendFormWithFetch: FormSender = async (api, { url, form, headers, signal }) => {
  const init = { method: 'POST', body: form, headers: apiHeaders(api, headers), signal: signal ?? null }
  return rawAnswer(await sendRequest(api, url, init))
}
