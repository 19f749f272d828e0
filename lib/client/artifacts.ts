import { z } from 'zod'
import { artifactsSchema } from '#lib/training/job.types.ts'
import { type ApiConnection, apiHeaders, apiUrl } from './api-connection.ts'
import { callApi, rawAnswer, sendRequest } from './call-api.ts'
import { refusal } from './read-answer.ts'

const pathOf = (jobId: string, name: string) =>
  `/api/training/jobs/${jobId}/artifacts/${encodeURIComponent(name)}`

/** What a training has left with us, newest first. */
export function listArtifacts(api: ApiConnection, jobId: string, signal?: AbortSignal) {
  return callApi(api, { path: `/api/training/jobs/${jobId}/artifacts`, answer: artifactsSchema, signal })
}

/** Where a browser that is signed in downloads it. */
export function artifactUrl(api: ApiConnection, jobId: string, name: string): string {
  return apiUrl(api, pathOf(jobId, name))
}

/** The bytes from `start` on, as they come. Throws ApiError. */
export async function openArtifact(
  api: ApiConnection,
  jobId: string,
  name: string,
  { start = 0, signal }: { start?: number; signal?: AbortSignal } = {},
): Promise<ReadableStream<Uint8Array>> {
  const headers = apiHeaders(api, start > 0 ? { range: `bytes=${start}-` } : {})
  const response = await sendRequest(api, artifactUrl(api, jobId, name), { headers, signal: signal ?? null })
  if (response.ok && response.body) return response.body
  throw refusal(await rawAnswer(response))
}

export async function deleteArtifact(api: ApiConnection, jobId: string, name: string) {
  await callApi(api, { method: 'DELETE', path: pathOf(jobId, name), answer: z.unknown() })
}
