import { expect, test } from 'vitest'
import { schemaLines, typeWords } from './schema-lines.ts'

test('types read as words', () => {
  expect(typeWords({ type: 'string', format: 'uuid' })).toBe('string, uuid')
  expect(typeWords({ enum: ['s3', 'local'] })).toBe('"s3" or "local"')
  expect(typeWords({ anyOf: [{ type: 'number' }, { type: 'null' }] })).toBe('number or null')
  expect(typeWords({ type: 'array', items: { type: 'object' } })).toBe('list of object')
  expect(typeWords({ type: 'integer', minimum: 1, maximum: 100 })).toBe('integer, 1 to 100')
  expect(typeWords({ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER })).toBe(
    'integer, at least 0',
  )
})

test('fields of objects in lists stand below their parent', () => {
  const schema = {
    type: 'object',
    required: ['datasets'],
    properties: {
      datasets: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
    },
  }
  expect(schemaLines(schema).map(({ depth, name, required }) => [depth, name, required])).toEqual([
    [0, 'datasets', true],
    [1, 'id', false],
  ])
})
