import { z } from 'zod'
import { errorBodySchema } from '#lib/errors/error-body.types.ts'
import type { Access, Endpoint } from './endpoint.ts'

type Json = Record<string, unknown>

const securityOf = {
  public: [],
  user: [{ apiToken: [] }, { session: [] }],
  job: [{ jobToken: [] }],
  user_or_job: [{ apiToken: [] }, { session: [] }, { jobToken: [] }],
  operator: [{ operatorToken: [] }],
} as const satisfies Record<Access, unknown>

/** The OpenAPI 3.1 document of the endpoint table, made from the very schemas that check requests. */
export function openApiDocument(endpoints: readonly Endpoint[], serverUrl: string): Json {
  const paths: Record<string, Json> = {}
  for (const endpoint of endpoints) {
    const methods = paths[endpoint.path] ?? {}
    methods[endpoint.method.toLowerCase()] = operationOf(endpoint)
    paths[endpoint.path] = methods
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'FineTune Lab',
      version: '1',
      description:
        'Every error answers {"error", "code", "details", "request_id"} with an honest status. Times are ISO 8601 UTC, sizes are bytes, ids are UUIDs.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    paths,
    components: {
      securitySchemes: {
        apiToken: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API token, made under Settings > Tokens; with AUTH=supabase also an access token of the Supabase project',
        },
        session: { type: 'apiKey', in: 'cookie', name: 'finetunelab.session_token' },
        jobToken: {
          type: 'http',
          scheme: 'bearer',
          description: "A job's own token, which its runner holds",
        },
        operatorToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'Made from SECRETS_KEY by the maintenance commands of this deployment',
        },
      },
      schemas: { Error: jsonSchemaOf(errorBodySchema, 'output') },
    },
  }
}

function operationOf(endpoint: Endpoint): Json {
  const { id, summary, access, params, query, body, form, answer, status = 200, path } = endpoint
  return {
    operationId: id,
    summary,
    tags: [tagOf(path)],
    security: securityOf[access],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...requestBodyOf(body, form),
    responses: {
      [status]: {
        description: 'Done',
        ...(answer ? { content: { 'application/json': { schema: jsonSchemaOf(answer, 'output') } } } : {}),
      },
      default: {
        description: 'What was wrong, and what to do about it',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function requestBodyOf(body: z.ZodType | undefined, form: Endpoint['form']): Json {
  if (form) {
    const { properties = {}, required = [] } = jsonSchemaOf(form.fields, 'input') as {
      properties?: Json
      required?: string[]
    }
    const schema = {
      type: 'object',
      properties: {
        ...properties,
        [form.file]: { type: 'string', contentMediaType: 'application/octet-stream' },
      },
      required: [...required, form.file],
    }
    return { requestBody: { required: true, content: { 'multipart/form-data': { schema } } } }
  }
  if (!body) return {}
  return {
    requestBody: { required: true, content: { 'application/json': { schema: jsonSchemaOf(body, 'input') } } },
  }
}

function parametersOf(schema: z.ZodType | undefined, where: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = jsonSchemaOf(schema, 'input') as {
    properties?: Json
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }))
}

/** JSON Schema 2020-12, which OpenAPI 3.1 speaks; what a schema cannot say in JSON is left open. */
function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  return rest
}

/** The noun of a path: what comes behind /api, or behind /api/training. */
function tagOf(path: string): string {
  const [first, second] = path.replace(/^\/api\//, '').split('/')
  return (first === 'training' ? second : first) ?? 'api'
}
