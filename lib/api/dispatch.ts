import type { z } from 'zod'
import { bearerOf } from '#lib/auth/authenticate.ts'
import type { AccessToken, User } from '#lib/auth/identity.ts'
import { requireOperator } from '#lib/auth/operator-token.ts'
import { requireSameOrigin } from '#lib/auth/same-origin.ts'
import { isJobToken } from '#lib/auth/tokens/token-secret.ts'
import { takeTurn } from '#lib/db/rate-limit.ts'
import { AppError } from '#lib/errors/app-error.ts'
import { errorBodyOf } from '#lib/errors/error-codes.ts'
import type { Services } from '#lib/services.ts'
import { withOwnStorage } from '#lib/storage/own-storage.ts'
import type { Job } from '#lib/training/job.types.ts'
import { authenticateJob } from '#lib/training/jobs/authenticate-job.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { invalidFields } from './invalid-fields.ts'
import { readJson } from './read-json.ts'

/** Answers one request by one endpoint: who is it, is it well formed, do it, or say what was wrong. */
export async function dispatch(
  services: Services,
  endpoint: Endpoint,
  request: Request,
  rawParams: Record<string, string>,
): Promise<Response> {
  const started = performance.now()
  const answer = await answerBy(services, endpoint, request, rawParams)
  services.metrics.noteRequest(endpoint.id, answer.status, (performance.now() - started) / 1000)
  return answer
}

async function answerBy(
  services: Services,
  endpoint: Endpoint,
  request: Request,
  rawParams: Record<string, string>,
): Promise<Response> {
  const requestId = crypto.randomUUID()
  const headers = { 'x-request-id': requestId, 'cache-control': 'no-store' }
  try {
    const { accessToken, ...caller } = await identify(services, endpoint, request, rawParams)
    const call = {
      services: caller.user ? withOwnStorage(services, { user: caller.user, accessToken }) : services,
      request,
      requestId,
      signal: request.signal,
      ...caller,
      params: parse(endpoint.params, rawParams, 'path', notThere),
      query: parse(endpoint.query, Object.fromEntries(new URL(request.url).searchParams), 'query'),
      body: endpoint.body ? parse(endpoint.body, await readJson(request), 'body') : undefined,
    }
    const answer = await endpoint.handle(call as unknown as Call<never, never, never, never>)
    if (answer instanceof Response) {
      answer.headers.set('x-request-id', requestId)
      return request.method === 'HEAD' ? withoutBody(answer) : answer
    }
    return Response.json(answer ?? {}, { status: endpoint.status ?? 200, headers })
  } catch (error) {
    return errorResponse(services, endpoint, error, requestId)
  }
}

async function withoutBody(answer: Response): Promise<Response> {
  await answer.body?.cancel()
  return new Response(null, { status: answer.status, headers: answer.headers })
}

/** What happens below /api/auth belongs to the keeper of accounts, whole; its failures are shown like all others. */
export async function dispatchAccounts(services: Services, request: Request): Promise<Response> {
  try {
    return await services.identity.handle(request)
  } catch (error) {
    return errorResponse(services, { id: 'accounts' }, error, crypto.randomUUID())
  }
}

function errorResponse(
  services: Services,
  endpoint: Pick<Endpoint, 'id' | 'errorHeaders'>,
  error: unknown,
  requestId: string,
): Response {
  const { status, body } = errorBodyOf(error, requestId)
  if (status >= 500)
    services.log.error({ err: error, request_id: requestId, endpoint: endpoint.id }, 'a request failed')
  const headers: Record<string, string> = {
    ...endpoint.errorHeaders,
    'x-request-id': requestId,
    'cache-control': 'no-store',
  }
  if (error instanceof AppError && error.retryAfterSeconds)
    headers['retry-after'] = String(error.retryAfterSeconds)
  if (status === 401) headers['www-authenticate'] = 'Bearer'
  return Response.json(body, { status, headers })
}

async function identify(
  services: Services,
  endpoint: Endpoint,
  request: Request,
  params: Record<string, string>,
): Promise<{ user?: Pick<User, 'id'>; accessToken?: AccessToken | undefined; job?: Job }> {
  if (endpoint.access === 'public') {
    requireSameOrigin(request)
    return {}
  }
  if (endpoint.access === 'job')
    return { job: await authenticateJob(services, request.headers, uuid(params.id)) }
  if (endpoint.access === 'user_or_job' && isJobToken(bearerOf(request.headers))) {
    const { user_id } = await authenticateJob(services, request.headers, uuid(params.id))
    return { user: { id: user_id } }
  }
  if (endpoint.access === 'operator') {
    requireOperator(services.operatorTokens(), request.headers)
    return {}
  }
  const { viaCookie, ...caller } = await services.authenticator.authenticate(request.headers)
  if (viaCookie) requireSameOrigin(request)
  const max = endpoint.perMinute?.(services.settings)
  if (max) await takeTurn(services.db, { name: endpoint.id, of: caller.user.id, max, windowSeconds: 60 })
  return caller
}

const notThere = () => new AppError('not_found', { code: 'not_found', message: 'There is nothing here' })

function uuid(text: string | undefined): string {
  if (text && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text
  throw notThere()
}

function parse(
  schema: z.ZodType | undefined,
  value: unknown,
  where: string,
  failure?: () => AppError,
): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  if (failure) throw failure()
  throw invalidFields(parsed.error, where)
}
