import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { parseStorageProvider, storageCatalog } from './storage-catalog.ts'
import { type AwsStorageSecret, createStorageRegistry, type StorageSettings } from './storage-registry.ts'

const settings: StorageSettings = {
  local: { root: tmpdir(), signingKey: new Uint8Array(32), baseUrl: () => 'http://localhost' },
  supabase: { url: 'https://project.supabase.co', anonKey: 'anon', serviceRoleKey: 'service' },
  allowPrivateAddresses: false,
}
const aws: AwsStorageSecret = {
  accessKeyId: 'AKIA',
  secretAccessKey: 'secret',
  region: 'eu-west-1',
  bucket: 'new-bucket',
  endpoint: 'https://s3.example.com',
}

describe('the registry', () => {
  it('opens each store at the place where new datasets go', () => {
    const registry = createStorageRegistry(settings)
    expect(registry.open('s3', { aws }).location).toEqual({
      bucket: 'new-bucket',
      region: 'eu-west-1',
      endpoint: 'https://s3.example.com',
    })
    expect(registry.open('supabase', { aws: null }).location.bucket).toBe('training-datasets')
    expect(registry.open('local', { aws: null }).location.bucket).toBeNull()
  })

  it('opens an older object where it went, whatever the secret says now', () => {
    const location = { bucket: 'old-bucket', region: 'us-east-1', endpoint: null }
    const registry = createStorageRegistry(settings)
    expect(registry.open('s3', { aws }, location).location).toEqual(location)
  })

  it('does not look for an object of another Supabase project in that of today', () => {
    const registry = createStorageRegistry(settings)
    const location = { bucket: 'training-datasets', region: null, endpoint: 'https://project.supabase.co/' }
    expect(registry.open('supabase', { aws: null }, location).location.bucket).toBe('training-datasets')
    const elsewhere = { ...location, endpoint: 'https://earlier.supabase.co' }
    expect(() => registry.open('supabase', { aws: null }, elsewhere)).toThrow(
      expect.objectContaining({
        kind: 'misconfigured',
        code: 'supabase_project_not_configured',
        details: expect.stringContaining('https://earlier.supabase.co'),
      }),
    )
    const unrecorded = { ...location, endpoint: null }
    expect(registry.open('supabase', { aws: null }, unrecorded).location.endpoint).toBe(
      'https://project.supabase.co',
    )
  })

  it('keeps one client for one place and one set of credentials', () => {
    const registry = createStorageRegistry(settings)
    expect(registry.open('s3', { aws })).toBe(registry.open('s3', { aws: { ...aws } }))
    expect(registry.open('s3', { aws })).not.toBe(
      registry.open('s3', { aws: { ...aws, secretAccessKey: 'b' } }),
    )
  })

  it('says what is missing and where to add it', () => {
    const registry = createStorageRegistry({ ...settings, supabase: null })
    expect(registry.unavailable('s3', { aws: null })).toMatchObject({
      kind: 'misconfigured',
      message: 'AWS not configured',
      details: expect.stringContaining('/settings/secrets'),
    })
    expect(() => registry.open('s3', { aws: null })).toThrow('AWS not configured')
    expect(registry.unavailable('supabase', { aws })).toMatchObject({ message: 'Supabase not configured' })
    expect(registry.unavailable('local', { aws: null })).toBeNull()
    expect(registry.unavailable('s3', { aws })).toBeNull()
  })

  it('sends datasets to Supabase where that is set up, to this machine otherwise', () => {
    expect(createStorageRegistry(settings).defaultProvider).toBe('supabase')
    expect(createStorageRegistry({ ...settings, supabase: null }).defaultProvider).toBe('local')
  })
})

describe('the catalog', () => {
  it('agrees with what the opened stores say of themselves', () => {
    const registry = createStorageRegistry(settings)
    for (const provider of ['supabase', 's3', 'local'] as const) {
      expect(registry.open(provider, { aws }).capabilities).toEqual(storageCatalog[provider].capabilities)
    }
  })

  it.each(['S3', 'gcs', '', 's3 ', '__proto__', null, 7])('refuses the provider %j', (name) => {
    expect(() => parseStorageProvider(name)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'invalid_storage_provider' }),
    )
  })
})
