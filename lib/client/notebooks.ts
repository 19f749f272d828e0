import { jobCodeSchema } from '#lib/training/job-codes/job-code.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

/** A one-time code for the notebook of a job; the one before it is worth nothing from then on. */
export function createJobCode(api: ApiConnection, jobId: string) {
  return callApi(api, {
    method: 'POST',
    path: `/api/training/jobs/${jobId}/code`,
    json: {},
    answer: jobCodeSchema,
  })
}

/** Where a browser downloads the notebook of a job. */
export const notebookPath = (jobId: string) => `/api/training/jobs/${jobId}/notebook.ipynb`
