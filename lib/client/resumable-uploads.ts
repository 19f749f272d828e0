import { z } from 'zod'
import { datasetSchema, type UploadResult } from '#lib/training/dataset.types.ts'
import {
  type UploadMetadata,
  type UploadSession,
  uploadSessionListSchema,
  uploadSessionSchema,
} from '#lib/training/upload-session.types.ts'
import { type ApiConnection, apiHeaders, apiUrl } from './api-connection.ts'
import { ApiError } from './api-error.ts'
import { callApi, rawAnswer, sendRequest } from './call-api.ts'
import { getDataset } from './datasets.ts'
import { refusal } from './read-answer.ts'

const root = '/api/training/upload'
const tus = { 'tus-resumable': '1.0.0' }

/** Uploads that were broken off, on whatever machine, and those that wait for a decision. */
export function listUploads(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: root, answer: uploadSessionListSchema, signal })
}

/**
 * Whether an upload that was broken off is what somebody would begin now: the same file, for the store, under the name
 * and read in the way that they name; what they do not name stays as it was chosen.
 */
export function goesOnWith(one: UploadSession, fingerprint: string, fields: UploadMetadata): boolean {
  const { storage_provider, name, format, on_error, on_secret, split, context_length } = fields
  const named = Object.entries({ format, on_error, on_secret, split, context_length })
  return (
    one.fingerprint === fingerprint &&
    (!storage_provider || one.storage_provider === storage_provider) &&
    (!name || one.name === name) &&
    named.every(([field, value]) => !value || one.reading[field as keyof typeof one.reading] === value)
  )
}

export function getUpload(api: ApiConnection, id: string, signal?: AbortSignal): Promise<UploadSession> {
  return callApi(api, { path: `${root}/tus/${id}`, answer: uploadSessionSchema, signal })
}

/** The same as soon as more than `beyond` bytes are safe, or after a second. */
export function getUploadBeyond(
  api: ApiConnection,
  { id, beyond }: { id: string; beyond: number },
  signal?: AbortSignal,
): Promise<UploadSession> {
  return callApi(api, { path: `${root}/tus/${id}?beyond=${beyond}`, answer: uploadSessionSchema, signal })
}

/** Begins an upload and answers its id. Nothing is sent yet. */
export async function createUpload(
  api: ApiConnection,
  { sizeBytes, metadata }: { sizeBytes: number; metadata: UploadMetadata },
  signal?: AbortSignal,
): Promise<string> {
  const response = await sendRequest(api, apiUrl(api, `${root}/tus`), {
    method: 'POST',
    headers: apiHeaders(api, {
      ...tus,
      'upload-length': String(sizeBytes),
      'upload-metadata': encoded(metadata),
    }),
    signal: signal ?? null,
  })
  if (!response.ok) throw refusal(await rawAnswer(response))
  const id = z.uuid().safeParse(response.headers.get('location')?.split('/').at(-1))
  if (id.success) return id.data
  throw new ApiError({
    status: response.status,
    code: 'unexpected_answer',
    message: 'The server named no upload',
  })
}

/** Gives an upload up; the store forgets what it had of it. */
export async function cancelUpload(api: ApiConnection, id: string): Promise<void> {
  const response = await sendRequest(api, uploadUrl(api, id), {
    method: 'DELETE',
    headers: apiHeaders(api, tus),
  })
  if (!response.ok && response.status !== 404) throw refusal(await rawAnswer(response))
}

/** The owner's answer to `duplicate_dataset`: store the same bytes again. Nothing has to be sent again. */
export async function keepDuplicate(
  api: ApiConnection,
  upload: { id: string; sizeBytes: number },
): Promise<void> {
  const response = await sendRequest(api, `${uploadUrl(api, upload.id)}?on_duplicate=keep`, {
    method: 'PATCH',
    headers: apiHeaders(api, {
      ...tus,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(upload.sizeBytes),
    }),
  })
  if (!response.ok) throw refusal(await rawAnswer(response))
}

/** What became of an upload that is done. */
export async function uploadedDataset(api: ApiConnection, id: string): Promise<UploadResult> {
  const dataset = datasetSchema.parse(await getDataset(api, id))
  return { dataset, report: dataset.metadata.report!, duplicate_of: null }
}

export const uploadUrl = (api: ApiConnection, id: string): string => apiUrl(api, `${root}/tus/${id}`)

function encoded(metadata: UploadMetadata): string {
  return Object.entries(metadata)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name} ${base64(String(value))}`)
    .join(',')
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))
}
