import { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { uploadSessionListSchema, uploadSessionSchema } from '#lib/training/upload-session.types.ts'
import { cancelUpload } from '#lib/training/uploads/cancel-upload.ts'
import { continueUpload, type UploadServices } from '#lib/training/uploads/continue-upload.ts'
import { createUpload } from '#lib/training/uploads/create-upload.ts'
import { getUpload, getUploadBeyond, listUploads, standingOf } from '#lib/training/uploads/list-uploads.ts'
import { type Call, endpoint } from '../endpoint.ts'
import {
  byteHeader,
  offsetStream,
  requireOffsetStream,
  requireTus,
  standingHeaders,
  tusCapabilities,
  tusErrorHeaders,
  tusHeaders,
  tusPath,
  uploadMetadata,
} from '../tus.ts'
import { idParams } from './id-params.ts'

export const getUploads = endpoint({
  id: 'listUploads',
  method: 'GET',
  path: '/api/training/upload',
  summary: 'Uploads that were broken off and can go on, from any machine, and those that wait for a decision',
  access: 'user',
  answer: uploadSessionListSchema,
  handle: ({ services, user }) => listUploads(services, user),
})

export const tusOptions = endpoint({
  id: 'describeTus',
  method: 'OPTIONS',
  path: tusPath,
  summary: 'What this tus server can do',
  access: 'public',
  async handle() {
    return new Response(null, { status: 204, headers: tusCapabilities })
  },
})

export const tusCreate = endpoint({
  id: 'createUpload',
  method: 'POST',
  path: tusPath,
  summary:
    'Begin a resumable upload (tus 1.0): Upload-Length, and the fields of the upload form as Upload-Metadata',
  access: 'user',
  errorHeaders: tusErrorHeaders,
  status: 201,
  perMinute: ({ UPLOADS_PER_MINUTE }) => UPLOADS_PER_MINUTE,
  async handle({ services, request, user, signal }) {
    const { headers } = request
    requireTus(headers)
    const sizeBytes = byteHeader(headers, 'upload-length')
    const session = await createUpload(services, user, { sizeBytes, ...uploadMetadata(headers) })
    const location = { location: `${tusPath}/${session.id}` }
    const withUpload = headers.get('content-type')?.startsWith(offsetStream) === true
    const standing = withUpload
      ? await continueWith(services, user, {
          request,
          signal,
          id: session.id,
          offset: 0,
          keepDuplicate: false,
        })
      : { offset: 0, sizeBytes, expiresAt: session.expires_at }
    return new Response(null, { status: 201, headers: { ...standingHeaders(standing), ...location } })
  },
})

export const getUploadSession = endpoint({
  id: 'getUpload',
  method: 'GET',
  path: `${tusPath}/{id}`,
  summary:
    'A resumable upload: how far it is, who sends, why it failed. With `beyond`, held back up to a second until more than that is safe',
  access: 'user',
  params: idParams,
  query: z.object({ beyond: z.coerce.number().int().min(0).optional() }),
  answer: uploadSessionSchema,
  handle: ({ services, user, params: { id }, query: { beyond }, signal }) =>
    beyond === undefined
      ? getUpload(services, user, id)
      : getUploadBeyond(services, user, { id, beyond, signal }),
})

export const tusHead = endpoint({
  id: 'getUploadOffset',
  method: 'HEAD',
  path: `${tusPath}/{id}`,
  summary: 'Where a resumable upload stands',
  access: 'user',
  errorHeaders: tusErrorHeaders,
  params: idParams,
  async handle({ services, user, params, request }) {
    requireTus(request.headers)
    const standing = await standingOf(services, user, params.id)
    return new Response(null, { headers: standingHeaders(standing) })
  },
})

export const tusPatch = endpoint({
  id: 'continueUpload',
  method: 'PATCH',
  path: `${tusPath}/{id}`,
  summary:
    'Send bytes of a resumable upload from its offset on; the answer says how far they are safe. Best as one request',
  access: 'user',
  errorHeaders: tusErrorHeaders,
  params: idParams,
  query: z.object({ on_duplicate: z.enum(['ask', 'keep']).default('ask') }),
  async handle({ services, user, params, query, request, signal }) {
    requireTus(request.headers)
    requireOffsetStream(request.headers)
    const offset = byteHeader(request.headers, 'upload-offset')
    const keepDuplicate = query.on_duplicate === 'keep'
    const standing = await continueWith(services, user, {
      request,
      signal,
      id: params.id,
      offset,
      keepDuplicate,
    })
    return new Response(null, { status: 204, headers: standingHeaders(standing) })
  },
})

export const tusDelete = endpoint({
  id: 'cancelUpload',
  method: 'DELETE',
  path: `${tusPath}/{id}`,
  summary: 'Give up a resumable upload; what the store has of it is removed',
  access: 'user',
  errorHeaders: tusErrorHeaders,
  params: idParams,
  async handle({ services, user, params, request }) {
    requireTus(request.headers)
    await cancelUpload(services, user, params.id)
    return new Response(null, { status: 204, headers: tusHeaders })
  },
})

interface Sent extends Pick<Call, 'request' | 'signal'> {
  id: string
  offset: number
  keepDuplicate: boolean
}

function continueWith(services: UploadServices, user: User, { request, ...sent }: Sent) {
  return continueUpload(services, user, {
    ...sent,
    body: (request.body ?? nothing()) as AsyncIterable<Uint8Array>,
  })
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
