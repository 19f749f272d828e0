import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import type { Settings } from '#lib/config/settings.ts'
import type { Services } from '#lib/services.ts'
import type { Job } from '#lib/training/job.types.ts'

export type Method = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Who may call: anybody, somebody with an account, a runner with its job's token, either of the two (a runner then acts for
 * its job's owner), or whoever holds the deployment's keys.
 */
export type Access = 'public' | 'user' | 'job' | 'user_or_job' | 'operator'

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

export interface Call<Params = unknown, Query = unknown, Body = unknown, By extends Access = Access> {
  services: Services
  request: Request
  requestId: string
  params: Params
  query: Query
  body: Body
  /** Aborted when the caller goes away. */
  signal: AbortSignal
  user: By extends 'user' ? User : By extends 'user_or_job' ? Pick<User, 'id'> : undefined
  job: By extends 'job' ? Job : undefined
}

/**
 * One operation of the HTTP contract. The same schemas check what comes in and are published as OpenAPI.
 * `handle` answers what becomes the JSON body, or a whole Response where it streams.
 */
export interface Endpoint {
  id: string
  method: Method
  /** As in OpenAPI: parameters in braces. */
  path: string
  summary: string
  access: Access
  params?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
  /** A streamed form, which the handler reads itself: its fields, and the name of the file among them. */
  form?: { file: string; fields: z.ZodType }
  answer?: z.ZodType
  /** Of a success; 200 when absent. */
  status?: number
  /** Of a refusal, beside those that all have. */
  errorHeaders?: Readonly<Record<string, string>>
  /** How often one account may call it in a minute, over all processes. */
  perMinute?(settings: Settings): number
  handle(call: Call<never, never, never, never>): Promise<unknown>
}

/** Declares an endpoint with what its handler is given inferred from its schemas. */
export function endpoint<
  By extends Access,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(definition: {
  id: string
  method: Method
  path: string
  summary: string
  access: By
  params?: Params
  query?: Query
  body?: Body
  form?: Endpoint['form']
  answer?: z.ZodType
  status?: number
  errorHeaders?: Endpoint['errorHeaders']
  perMinute?: Endpoint['perMinute']
  handle(call: Call<Parsed<Params>, Parsed<Query>, Parsed<Body>, By>): Promise<unknown>
}): Endpoint {
  return definition as unknown as Endpoint
}
