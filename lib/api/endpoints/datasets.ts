import { z } from 'zod'
import { verifyLocalSignature } from '#lib/storage/local/signature.ts'
import {
  availableDatasetsSchema,
  availableQuerySchema,
  uploadProgressSchema,
  verdictSchema,
} from '#lib/training/compatibility.types.ts'
import {
  datasetListQuerySchema,
  datasetListSchema,
  datasetPatchSchema,
  datasetSchema,
  downloadUrlRequestSchema,
  downloadUrlSchema,
  rowsQuerySchema,
  rowsSchema,
  storageOptionSchema,
  uploadFieldsSchema,
  uploadResultSchema,
} from '#lib/training/dataset.types.ts'
import { datasetActivitySchema } from '#lib/training/dataset-activity.types.ts'
import { createDatasetUrl } from '#lib/training/dataset-url-service.ts'
import { deleteDataset } from '#lib/training/datasets/delete-dataset.ts'
import { getDataset } from '#lib/training/datasets/get-dataset.ts'
import { getUploadProgress } from '#lib/training/datasets/get-upload-progress.ts'
import { judgeDataset } from '#lib/training/datasets/judge-dataset.ts'
import { listAvailableDatasets } from '#lib/training/datasets/list-available-datasets.ts'
import { listDatasetActivity } from '#lib/training/datasets/list-dataset-activity.ts'
import { listDatasets } from '#lib/training/datasets/list-datasets.ts'
import { listStorageOptions } from '#lib/training/datasets/list-storage-options.ts'
import { readDatasetRows } from '#lib/training/datasets/read-dataset-rows.ts'
import { serveLocalDataset } from '#lib/training/datasets/serve-local-dataset.ts'
import { updateDataset } from '#lib/training/datasets/update-dataset.ts'
import { uploadDataset } from '#lib/training/datasets/upload-dataset.ts'
import { uploadSample } from '#lib/training/datasets/upload-sample.ts'
import { endpoint } from '../endpoint.ts'
import { receiveUpload } from '../receive-upload.ts'
import { idParams } from './id-params.ts'

const secondsPerHour = 3600

export const postDataset = endpoint({
  id: 'uploadDataset',
  method: 'POST',
  path: '/api/training/dataset',
  summary: 'Upload a dataset (multipart/form-data); it is checked, made canonical and stored as it streams',
  access: 'user',
  form: { file: 'file', fields: uploadFieldsSchema },
  answer: uploadResultSchema,
  status: 201,
  perMinute: ({ UPLOADS_PER_MINUTE }) => UPLOADS_PER_MINUTE,
  async handle({ services, request, user, signal }) {
    const received = await receiveUpload(request)
    const uploadId = z.uuid().safeParse(request.headers.get('x-upload-id'))
    return uploadDataset(services, user, { ...received, signal, clientUploadId: uploadId.data ?? null })
  },
})

export const postSample = endpoint({
  id: 'uploadSample',
  method: 'POST',
  path: '/api/training/sample',
  summary: 'Make a dataset of the sample that comes with the application',
  access: 'user',
  answer: uploadResultSchema,
  status: 201,
  handle: ({ services, user, signal }) => uploadSample(services, user, signal),
})

export const getDatasets = endpoint({
  id: 'listDatasets',
  method: 'GET',
  path: '/api/training/dataset',
  summary: 'Datasets, newest first',
  access: 'user',
  query: datasetListQuerySchema,
  answer: datasetListSchema,
  handle: ({ services, user, query }) => listDatasets(services, user, query),
})

export const getAvailableDatasets = endpoint({
  id: 'listAvailableDatasets',
  method: 'GET',
  path: '/api/training/dataset/available',
  summary: 'Every dataset with whether a trainer can use it, and if not why and what would help',
  access: 'user',
  query: availableQuerySchema,
  answer: availableDatasetsSchema,
  handle: ({ services, user, query }) => listAvailableDatasets(services, user, query),
})

export const getOneDataset = endpoint({
  id: 'getDataset',
  method: 'GET',
  path: '/api/training/dataset/{id}',
  summary: 'One dataset',
  access: 'user',
  params: idParams,
  answer: datasetSchema,
  handle: ({ services, user, params }) => getDataset(services, user, params.id),
})

export const patchDataset = endpoint({
  id: 'updateDataset',
  method: 'PATCH',
  path: '/api/training/dataset/{id}',
  summary: 'Rename or describe a dataset',
  access: 'user',
  params: idParams,
  body: datasetPatchSchema,
  answer: datasetSchema,
  handle: ({ services, user, params, body }) => updateDataset(services, user, params.id, body),
})

export const removeDatasetEndpoint = endpoint({
  id: 'deleteDataset',
  method: 'DELETE',
  path: '/api/training/dataset/{id}',
  summary: 'Delete a dataset and its bytes; says what was removed',
  access: 'user',
  params: idParams,
  handle: ({ services, user, params }) => deleteDataset(services, user, params.id),
})

export const getRows = endpoint({
  id: 'readRows',
  method: 'GET',
  path: '/api/training/dataset/{id}/rows',
  summary: 'Rows as they are stored, from any place of the dataset',
  access: 'user',
  params: idParams,
  query: rowsQuerySchema,
  answer: rowsSchema,
  handle: ({ services, user, params, query }) => readDatasetRows(services, user, params.id, query),
})

export const getCompatibility = endpoint({
  id: 'getCompatibility',
  method: 'GET',
  path: '/api/training/dataset/{id}/compatibility',
  summary: 'Who may train on a dataset',
  access: 'user',
  params: idParams,
  answer: z.object({
    providers: z.array(verdictSchema.extend({ provider: z.string(), label: z.string() })),
  }),
  handle: ({ services, user, params }) => judgeDataset(services, user, params.id),
})

export const getActivity = endpoint({
  id: 'listDatasetActivity',
  method: 'GET',
  path: '/api/training/dataset/{id}/activity',
  summary: 'Links that were issued to a dataset, and jobs that used it, newest first',
  access: 'user',
  params: idParams,
  answer: datasetActivitySchema,
  handle: ({ services, user, params }) => listDatasetActivity(services, user, params.id),
})

export const postDownloadUrl = endpoint({
  id: 'createDownloadUrl',
  method: 'POST',
  path: '/api/training/dataset/{id}/download-url',
  summary: 'A short-lived link to the stored bytes',
  access: 'user',
  params: idParams,
  body: downloadUrlRequestSchema,
  answer: downloadUrlSchema,
  handle: ({ services, user, params, body }) =>
    createDatasetUrl(services, user, {
      datasetId: params.id,
      expiresSeconds: Math.floor(body.expiry_hours * secondsPerHour),
    }),
})

export const getContent = endpoint({
  id: 'downloadLocalDataset',
  method: 'GET',
  path: '/api/training/dataset/{id}/content',
  summary: 'The stored bytes of a dataset on this machine, to the holder of a signed link; ranges are served',
  access: 'public',
  params: idParams,
  query: z.object({ expires: z.string().max(20).default(''), signature: z.string().max(200).default('') }),
  async handle({ services, request, params, query, signal }) {
    verifyLocalSignature({ datasetId: params.id, ...query }, services.linkKeys)
    return serveLocalDataset(services, params.id, request.headers.get('range'), signal)
  },
})

export const getUpload = endpoint({
  id: 'getUploadProgress',
  method: 'GET',
  path: '/api/training/upload/{id}',
  summary: 'How far an upload is, by the id that the client sent as X-Upload-Id',
  access: 'user',
  params: idParams,
  answer: uploadProgressSchema,
  handle: ({ services, user, params }) => getUploadProgress(services, user, params.id),
})

export const getStorageOptions = endpoint({
  id: 'listStorageOptions',
  method: 'GET',
  path: '/api/storage/options',
  summary: 'The stores, and what the ones that cannot be used lack',
  access: 'user',
  answer: z.object({ options: z.array(storageOptionSchema) }),
  handle: ({ services, user }) => listStorageOptions(services, user),
})
