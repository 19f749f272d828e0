import type { JsonSchema } from '#lib/client/openapi.ts'

export interface SchemaLine {
  /** How deep it is nested, from 0. */
  depth: number
  name: string
  type: string
  required: boolean
  description: string | null
}

const depthMax = 4

/** A schema as the lines of a table: a field each, those of objects below their parent. */
export function schemaLines(schema: JsonSchema, depth = 0): SchemaLine[] {
  const object = objectOf(schema)
  if (!object?.properties || depth > depthMax) return []
  return Object.entries(object.properties).flatMap(([name, property]) => [
    {
      depth,
      name,
      type: typeWords(property),
      required: object.required?.includes(name) ?? false,
      description: property.description ?? null,
    },
    ...schemaLines(property, depth + 1),
  ])
}

/** The object inside lists and unions with null, or null where there is none. */
function objectOf(schema: JsonSchema): JsonSchema | null {
  if (schema.properties) return schema
  if (schema.items) return objectOf(schema.items)
  const choices = (schema.anyOf ?? schema.oneOf ?? []).filter(({ type }) => type !== 'null')
  return choices.length === 1 ? objectOf(choices[0]!) : null
}

/** A type in a few words: `string, uuid`, `list of object`, `"supabase" or "s3"`, `number or null`. */
export function typeWords(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return [...new Set(choices.map(typeWords))].join(' or ')
  if (schema.type === 'array') return `list of ${schema.items ? typeWords(schema.items) : 'anything'}`
  const name = [schema.type ?? 'anything'].flat().join(' or ')
  const bounds = boundWords(schema)
  return [name, schema.format, bounds].filter(Boolean).join(', ')
}

function boundWords({ minimum, maximum, maxLength }: JsonSchema): string | null {
  if (maxLength !== undefined) return `up to ${maxLength} characters`
  const upper = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  const lower = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  if (lower !== undefined && upper !== undefined) return `${lower} to ${upper}`
  if (upper !== undefined) return `at most ${upper}`
  if (lower !== undefined) return `at least ${lower}`
  return null
}
