import { z } from 'zod'
import { getArtifactProgress } from '#lib/training/artifacts/get-artifact-progress.ts'
import { listArtifacts } from '#lib/training/artifacts/list-artifacts.ts'
import { putArtifact } from '#lib/training/artifacts/put-artifact.ts'
import { deleteArtifact } from '#lib/training/artifacts/remove-artifact.ts'
import { serveArtifact } from '#lib/training/artifacts/serve-artifact.ts'
import { artifactAnswerSchema, artifactProgressSchema, artifactsSchema } from '#lib/training/job.types.ts'
import { artifactHeaders } from '../artifact-headers.ts'
import { endpoint } from '../endpoint.ts'
import { idParams } from './id-params.ts'

const path = '/api/training/jobs/{id}/artifacts'
/** What a name may be is said by the verbs; `+` comes as `%2B` from those who encode everything. */
const artifactParams = idParams.extend({ name: z.string().transform(decoded) })
/**
 * Of an answer that comes before the body was read: whoever is in the middle of sending gigabytes that nobody wants
 * has to notice, and the next request cannot follow on a connection that still holds them.
 */
const leaveTheRest = { connection: 'close' }

export const getArtifacts = endpoint({
  id: 'listArtifacts',
  method: 'GET',
  path,
  summary: 'What a training has left with us: adapters, checkpoints; newest first',
  access: 'user_or_job',
  params: idParams,
  answer: artifactsSchema,
  handle: ({ services, user, params }) => listArtifacts(services, user, params.id),
})

export const putOneArtifact = endpoint({
  id: 'putArtifact',
  method: 'PUT',
  path: `${path}/{name}`,
  summary:
    'Leave a file with us: X-Content-SHA256 of the whole file, Content-Length, and Content-Range to go on after a break',
  access: 'job',
  params: artifactParams,
  answer: artifactAnswerSchema,
  status: 201,
  errorHeaders: leaveTheRest,
  async handle({ services, job, params, request, signal }) {
    const body = (request.body ?? nothing()) as AsyncIterable<Uint8Array>
    const sent = { ...artifactHeaders(request.headers), name: params.name, body, signal }
    const { artifact, isNew } = await putArtifact(services, job, sent)
    if (isNew) return { artifact }
    return Response.json({ artifact }, { headers: { ...leaveTheRest, 'cache-control': 'no-store' } })
  },
})

export const getProgress = endpoint({
  id: 'getArtifactProgress',
  method: 'GET',
  path: `${path}/{name}/progress`,
  summary: 'How much of a file is here; with size_bytes, whether it would be taken at all',
  access: 'job',
  params: artifactParams,
  query: z.object({
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    size_bytes: z.coerce.number().int().min(0).optional(),
  }),
  answer: artifactProgressSchema,
  handle: ({ services, job, params, query }) =>
    getArtifactProgress(services, job, { ...query, name: params.name, sizeBytes: query.size_bytes }),
})

export const getOneArtifact = endpoint({
  id: 'downloadArtifact',
  method: 'GET',
  path: `${path}/{name}`,
  summary: 'The bytes of an artifact; Range is honoured',
  access: 'user_or_job',
  params: artifactParams,
  async handle({ services, user, params, request, signal }) {
    const rangeHeader = request.headers.get('range')
    return serveArtifact(services, user, { jobId: params.id, name: params.name, rangeHeader, signal })
  },
})

export const removeOneArtifact = endpoint({
  id: 'deleteArtifact',
  method: 'DELETE',
  path: `${path}/{name}`,
  summary: 'Delete an artifact for good',
  access: 'user',
  params: artifactParams,
  handle: ({ services, user, params }) => deleteArtifact(services, user, params.id, params.name),
})

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
