import {
  apiTokenCreatedSchema,
  apiTokenInputSchema,
  apiTokenListSchema,
  ownerInputSchema,
  sessionSchema,
  signupSchema,
} from '#lib/auth/account.types.ts'
import { readSession } from '#lib/auth/read-session.ts'
import { setSignup } from '#lib/auth/signup.ts'
import { createToken } from '#lib/auth/tokens/create-token.ts'
import { listTokens } from '#lib/auth/tokens/list-tokens.ts'
import { revokeToken } from '#lib/auth/tokens/revoke-token.ts'
import { endpoint } from '../endpoint.ts'
import { idParams } from './id-params.ts'

export const getSession = endpoint({
  id: 'getSession',
  method: 'GET',
  path: '/api/session',
  summary: 'Who is signed in, and what the sign-in page should offer',
  access: 'public',
  answer: sessionSchema,
  handle: ({ services, request }) => readSession(services, request.headers),
})

export const createOwner = endpoint({
  id: 'createOwner',
  method: 'POST',
  path: '/api/owner',
  summary: 'Create the owner, once, on a deployment that has none',
  access: 'public',
  body: ownerInputSchema,
  handle: ({ services, request, body }) => services.identity.createOwner(body, request.headers),
})

export const updateDeployment = endpoint({
  id: 'updateDeployment',
  method: 'PATCH',
  path: '/api/deployment',
  summary: 'Open or close sign-up; for the owner',
  access: 'user',
  body: signupSchema,
  answer: signupSchema,
  handle: ({ services, user, body }) => setSignup(services, user, body),
})

export const listApiTokens = endpoint({
  id: 'listTokens',
  method: 'GET',
  path: '/api/tokens',
  summary: 'API tokens, without the tokens themselves',
  access: 'user',
  answer: apiTokenListSchema,
  handle: ({ services, user }) => listTokens(services, user),
})

export const createApiToken = endpoint({
  id: 'createToken',
  method: 'POST',
  path: '/api/tokens',
  summary: 'Create an API token; it is shown this once',
  access: 'user',
  body: apiTokenInputSchema,
  answer: apiTokenCreatedSchema,
  status: 201,
  handle: ({ services, user, body }) => createToken(services, user, body),
})

export const revokeApiToken = endpoint({
  id: 'revokeToken',
  method: 'DELETE',
  path: '/api/tokens/{id}',
  summary: 'Revoke an API token',
  access: 'user',
  params: idParams,
  async handle({ services, user, params }) {
    await revokeToken(services, user, params.id)
    return { deleted: true, id: params.id }
  },
})
