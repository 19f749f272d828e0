import { z } from 'zod'
import {
  apiTokenCreatedSchema,
  type apiTokenInputSchema,
  apiTokenListSchema,
} from '#lib/auth/account.types.ts'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

export function listTokens(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: '/api/tokens', answer: apiTokenListSchema, signal })
}

/** The only answer that ever holds the token itself. */
export function createToken(api: ApiConnection, input: z.input<typeof apiTokenInputSchema>) {
  return callApi(api, { method: 'POST', path: '/api/tokens', json: input, answer: apiTokenCreatedSchema })
}

export async function revokeToken(api: ApiConnection, id: string) {
  await callApi(api, { method: 'DELETE', path: `/api/tokens/${id}`, answer: z.unknown() })
}
