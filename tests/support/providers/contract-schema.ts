import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

type Json = Record<string, unknown>

export interface Contract {
  /** Problems of a value against a schema of the document, each with its place; none when it fits. */
  problems(pointer: string, value: unknown): string[]
}

const folder = join(import.meta.dirname, '../../../../shared/reference/contracts')

/** Why a provider's own document cannot be validated against here, or null. */
export function contractMissing(file: string): string | null {
  return existsSync(join(folder, file)) ? null : `${file} of the provider is not there`
}

/**
 * A provider's machine-readable contract (OpenAPI 3.1, JSON Schema 2020-12) to hold values against. Strictly: a field that
 * an object does not name is a problem, in what is sent as in what is answered.
 */
export function readContract(file: string): Contract {
  const document: Json = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  const compiled = new Map<string, ValidateFunction>()
  const validatorAt = (pointer: string) => {
    const known = compiled.get(pointer)
    if (known) return known
    const validate = ajv.compile(plain(document, at(document, pointer)) as Json)
    compiled.set(pointer, validate)
    return validate
  }
  return {
    problems(pointer, value) {
      const validate = validatorAt(pointer)
      if (validate(value)) return []
      return (validate.errors ?? []).map(({ instancePath, message, params }) =>
        [instancePath || '/', message, JSON.stringify(params)].join(' '),
      )
    },
  }
}

function at(document: Json, pointer: string): Json {
  return pointer
    .replace(/^#\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => (value as Json)[key], document) as Json
}

/** What only adds a condition to an object describes a part of it, and must not close it. */
const conditions = new Set(['if', 'then', 'else', 'not', 'dependentSchemas'])

/** References put in, `allOf` of objects made into one object, and every object closed that is not a condition. */
function plain(document: Json, schema: unknown, isCondition = false): unknown {
  if (Array.isArray(schema)) return schema.map((item) => plain(document, item, isCondition))
  if (typeof schema !== 'object' || schema === null) return schema
  const { $ref, allOf, ...rest } = schema as Json & { $ref?: string; allOf?: Json[] }
  if ($ref) return plain(document, { ...at(document, $ref), ...rest }, isCondition)
  const own = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === 'properties'
        ? eachProperty(value as Json, (part) => plain(document, part, isCondition))
        : plain(document, value, isCondition || conditions.has(key)),
    ]),
  )
  if (!allOf) return isCondition ? own : closed(own)
  const conditional = allOf.filter((part) => 'if' in part)
  const parts = allOf
    .filter((part) => !('if' in part))
    .map((part) => plain(document, part, isCondition) as Json)
  const whole = merged(parts, own)
  const kept = isCondition ? whole : closed(whole)
  if (conditional.length === 0) return kept
  return { ...kept, allOf: conditional.map((part) => plain(document, part, true)) }
}

function eachProperty(properties: Json, change: (part: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, change(part)]))
}

/** One object of several: all their properties, all that any of them requires. */
function merged(parts: Json[], own: Json): Json {
  const all = [...parts, own]
  const whole: Json = {}
  for (const { additionalProperties: _, ...fields } of all) Object.assign(whole, fields)
  const properties = all.filter((part) => part.properties).map((part) => part.properties as Json)
  if (properties.length > 0) whole.properties = Object.assign({}, ...properties)
  const required = all.flatMap((part) => (part.required as string[]) ?? [])
  if (required.length > 0) whole.required = [...new Set(required)]
  return whole
}

function closed({ unevaluatedProperties: _, ...schema }: Json): Json {
  if (!schema.properties || schema.additionalProperties !== undefined) return schema
  return { ...schema, additionalProperties: false }
}
