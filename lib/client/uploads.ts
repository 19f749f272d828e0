import type { z } from 'zod'
import { uploadProgressSchema } from '#lib/training/compatibility.types.ts'
import {
  type IngestReport,
  ingestReportSchema,
  type ProblemsFile,
  problemsFileSchema,
  type uploadFieldsSchema,
  uploadResultSchema,
} from '#lib/training/dataset.types.ts'
import { type ApiConnection, apiUrl } from './api-connection.ts'
import type { ApiError } from './api-error.ts'
import { callApi } from './call-api.ts'
import { readAnswer } from './read-answer.ts'
import { type FormSender, sendFormWithFetch } from './send-form.ts'

export interface UploadRequest {
  file: Blob
  fileName: string
  fields: z.input<typeof uploadFieldsSchema>
  /** A UUID of the caller's; ask `getUploadProgress` for rows with it. */
  uploadId?: string
  send?: FormSender
  onSent?: (sentBytes: number, totalBytes: number) => void
  signal?: AbortSignal
}

/** A refused file throws ApiError `invalid_dataset`; `reportOf` reads what was wrong with it. */
export async function uploadDataset(api: ApiConnection, request: UploadRequest) {
  const form = new FormData()
  // Fields go first, so that the server can refuse a bad choice before it reads the file.
  for (const [name, value] of Object.entries(request.fields)) {
    if (value !== undefined && value !== '') form.append(name, String(value))
  }
  form.append('file', request.file, request.fileName)
  const raw = await (request.send ?? sendFormWithFetch)(api, {
    url: apiUrl(api, '/api/training/dataset'),
    form,
    headers: request.uploadId ? { 'x-upload-id': request.uploadId } : {},
    signal: request.signal,
    onSent: request.onSent,
  })
  return readAnswer(raw, uploadResultSchema)
}

/** The report inside a refusal, if it has one. */
export function reportOf(error: ApiError): IngestReport | null {
  return ingestReportSchema.safeParse(error.body.report).data ?? null
}

/** Where the rows with problems of a refused file can be taken away. */
export function problemsFileOf(error: ApiError): ProblemsFile | null {
  return problemsFileSchema.safeParse(error.body.problems_file).data ?? null
}

export function getUploadProgress(api: ApiConnection, uploadId: string, signal?: AbortSignal) {
  return callApi(api, { path: `/api/training/upload/${uploadId}`, answer: uploadProgressSchema, signal })
}

/** Makes a dataset of the sample that comes with the product. */
export function createSampleDataset(api: ApiConnection) {
  return callApi(api, { method: 'POST', path: '/api/training/sample', json: {}, answer: uploadResultSchema })
}
