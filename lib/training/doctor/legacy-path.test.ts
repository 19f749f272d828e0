import { expect, test } from 'vitest'
import { readLegacyPath } from './legacy-path.ts'

test.each([
  ['u/private/d.jsonl.gz', { key: 'u/private/d.jsonl.gz', bucket: null, provider: null }],
  ['/datasets//old/b.jsonl', { key: 'datasets/old/b.jsonl', bucket: null, provider: null }],
  ['s3://my-bucket/a/b c.jsonl', { key: 'a/b c.jsonl', bucket: 'my-bucket', provider: 's3' }],
  ['S3a://my-bucket/k', { key: 'k', bucket: 'my-bucket', provider: 's3' }],
  [
    'https://my.bucket.s3.eu-west-1.amazonaws.com/a/b%20c.jsonl?X-Amz-Signature=1',
    { key: 'a/b c.jsonl', bucket: 'my.bucket', provider: 's3' },
  ],
  ['https://s3.us-east-1.amazonaws.com/bucket/a/b', { key: 'a/b', bucket: 'bucket', provider: 's3' }],
  ['https://bucket.s3.amazonaws.com/a', { key: 'a', bucket: 'bucket', provider: 's3' }],
  [
    'https://x.supabase.co/storage/v1/object/sign/training-datasets/u/private/d.jsonl.gz?token=t',
    { key: 'u/private/d.jsonl.gz', bucket: 'training-datasets', provider: 'supabase' },
  ],
  [
    'https://x.supabase.co/storage/v1/object/training-datasets/u/d.gz',
    { key: 'u/d.gz', bucket: 'training-datasets', provider: 'supabase' },
  ],
])('reads %s', (path, expected) => {
  expect(readLegacyPath(path)).toEqual(expected)
})

test.each(['', ' / ', 'folder/', 'gs://bucket/key', 'https://example.com/file.jsonl', 's3://bucket/'])(
  'finds no object in "%s"',
  (path) => {
    expect(readLegacyPath(path)).toBeNull()
  },
)
