import { z } from 'zod'
import type { ApiConnection } from './api-connection.ts'
import { callApi } from './call-api.ts'

/** As much of JSON Schema as the reference shows. */
export interface JsonSchema {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  format?: string
  description?: string
  default?: unknown
  minimum?: number
  maximum?: number
  maxLength?: number
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  additionalProperties?: JsonSchema | boolean
  $ref?: string
}
const jsonSchema = z.custom<JsonSchema>((value) => typeof value === 'object' && value !== null)

const contentSchema = z.record(z.string(), z.object({ schema: jsonSchema }))
const operationSchema = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.object({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean(), schema: jsonSchema }),
  ),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string(), content: contentSchema.optional() })),
})
export type ApiOperation = z.infer<typeof operationSchema>

const documentSchema = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.object({ url: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
})

/** The contract of the server, as it describes itself. */
export function getOpenApi(api: ApiConnection, signal?: AbortSignal) {
  return callApi(api, { path: '/api/openapi.json', answer: documentSchema, signal })
}
