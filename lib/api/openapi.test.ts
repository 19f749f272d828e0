import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { endpoints } from './endpoints/index.ts'
import { openApiDocument } from './openapi.ts'

const document = openApiDocument(endpoints, 'http://127.0.0.1:3000')

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
})

test('every operation has a name of its own and says what it answers', () => {
  const ids = endpoints.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !/^[a-z][A-Za-z_]+$/.test(id))).toEqual([])
})

test('the upload is described as the form that it is', () => {
  const upload = (document.paths as Record<string, never>)['/api/training/dataset']
  expect(JSON.stringify(upload)).toContain('multipart/form-data')
  expect(JSON.stringify(upload)).toContain('storage_provider')
})

test.each(endpoints.map(({ method, path }) => [method, path]))('%s %s has its route', (method, path) => {
  const folder = path.slice(1).replace(/\{(\w+)\}/g, '[$1]')
  const file = join('app', folder, 'route.ts')
  expect(existsSync(file), file).toBe(true)
  expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`\\b${method}\\b`))
})
