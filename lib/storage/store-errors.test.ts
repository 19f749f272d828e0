import { describe, expect, it } from 'vitest'
import { localStorageError } from './local/errors.ts'
import { s3Error } from './s3/errors.ts'
import { supabaseError } from './supabase/errors.ts'

describe('S3 and its look-alikes', () => {
  it.each([
    ['AWS, wrong key', 'InvalidAccessKeyId', 403, 'denied', 'storage_credentials_refused'],
    ['Swift, wrong key', 'SignatureDoesNotMatch', 403, 'denied', 'storage_credentials_refused'],
    ['Supabase, wrong key', 'AccessDenied', 403, 'denied', 'storage_denied'],
    ['Supabase, expired link', 'ExpiredToken', 400, 'denied', 'storage_credentials_refused'],
    ['a HEAD without a body', 'Unknown', 403, 'denied', 'storage_denied'],
    ['AWS, wrong region', 'PermanentRedirect', 301, 'misconfigured', 'wrong_region'],
    ['Swift, wrong region', 'AuthorizationHeaderMalformed', 400, 'misconfigured', 'wrong_region'],
    ['wrong clock', 'RequestTimeTooSkewed', 403, 'misconfigured', 'clock_skew'],
    ['missing object', 'NoSuchKey', 404, 'not_found', 'object_not_found'],
    ['missing bucket', 'NoSuchBucket', 404, 'misconfigured', 'bucket_not_found'],
    ['range', 'InvalidRange', 416, 'invalid', 'range_not_satisfiable'],
    ['if-none-match', 'PreconditionFailed', 412, 'conflict', 'object_exists'],
    ['Swift, if-none-match', 'NotImplemented', 501, 'misconfigured', 'storage_unsupported'],
    ['slow down', 'SlowDown', 503, 'transient', 'storage_busy'],
    ['a gateway', 'Unknown', 502, 'transient', 'storage_busy'],
    ['quota', 'QuotaExceeded', 403, 'limit', 'storage_full'],
    ['MinIO, full', 'XMinioStorageFull', 507, 'limit', 'storage_full'],
    ['damaged', 'BadDigest', 400, 'corrupt', 'storage_digest_mismatch'],
    ['anything else', 'Peculiar', 418, 'misconfigured', 'storage_refused'],
  ])('%s: %s', (_, name, httpStatusCode, kind, code) => {
    expect(s3Error(Object.assign(new Error(name), { name, $metadata: { httpStatusCode } }))).toMatchObject({
      kind,
      code,
    })
  })

  it('something that is no S3', () => {
    const html = Object.assign(new SyntaxError('char "&" is not expected'), {
      $metadata: { httpStatusCode: 200 },
    })
    expect(s3Error(html)).toMatchObject({ kind: 'misconfigured', code: 'not_an_s3_endpoint' })
  })
})

describe('Supabase', () => {
  it.each([
    ['404', 'NoSuchKey', 'not_found', 'object_not_found'],
    ['404', 'NoSuchBucket', 'misconfigured', 'bucket_not_found'],
    ['403', 'AccessDenied', 'denied', 'storage_denied'],
    ['403', 'InvalidJWT', 'denied', 'storage_credentials_refused'],
    ['409', 'KeyAlreadyExists', 'conflict', 'object_exists'],
    ['413', 'EntityTooLarge', 'limit', 'object_too_large'],
    ['415', 'InvalidMimeType', 'misconfigured', 'content_type_refused'],
    ['400', 'InvalidKey', 'invalid', 'invalid_storage_key'],
    ['544', 'DatabaseTimeout', 'transient', 'storage_busy'],
    ['503', undefined, 'transient', 'storage_busy'],
  ])('the body counts, not the HTTP status: %s %s', (statusCode, code, kind, name) => {
    const error = { name: 'StorageApiError', status: 400, statusCode, code, message: 'words' }
    expect(supabaseError(error)).toMatchObject({ kind, code: name })
  })

  it('an older server without codes', () => {
    const error = { status: 400, statusCode: '404', message: 'Bucket not found' }
    expect(supabaseError(error)).toMatchObject({ kind: 'misconfigured', code: 'bucket_not_found' })
  })
})

describe('the disk', () => {
  it.each([
    ['ENOSPC', 'limit', 'disk_full'],
    ['EDQUOT', 'limit', 'disk_full'],
    ['EACCES', 'denied', 'storage_denied'],
    ['EROFS', 'misconfigured', 'storage_read_only'],
    ['ENOTDIR', 'conflict', 'storage_key_conflict'],
  ])('%s', (errno, kind, code) => {
    expect(localStorageError(Object.assign(new Error(errno), { code: errno }))).toMatchObject({ kind, code })
  })

  it('anything else passes as it is', () => {
    const error = new Error('?')
    expect(localStorageError(error)).toBe(error)
  })
})
