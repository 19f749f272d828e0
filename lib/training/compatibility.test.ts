import { describe, expect, test } from 'vitest'
import { type StorageProvider, storageProviders } from '#lib/storage/storage-provider.types.ts'
import { judge, type S3Reader, trainingProviderNamed } from './compatibility.ts'
import { canonicalShapeOf, datasetFormats } from './dataset.types.ts'
import {
  shapeForMethod,
  type TrainingProvider,
  trainingMethods,
  trainingProviders,
} from './training-config.types.ts'

/** yes; cross: with the owner's consent; no: never. */
const expected: Record<TrainingProvider, Record<StorageProvider, 'yes' | 'cross' | 'no'>> = {
  runpod: { supabase: 'yes', s3: 'cross', local: 'no' },
  lambda: { supabase: 'yes', s3: 'cross', local: 'no' },
  colab: { supabase: 'yes', s3: 'cross', local: 'no' },
  huggingface: { supabase: 'yes', s3: 'cross', local: 'no' },
  sagemaker: { supabase: 'no', s3: 'yes', local: 'no' },
  local: { supabase: 'yes', s3: 'cross', local: 'yes' },
}

const ask = (provider: TrainingProvider | null, store: StorageProvider, allowCrossStorage: boolean) =>
  judge({
    provider,
    method: null,
    allowCrossStorage,
    dataset: { ...anywhere, storage_provider: store, format: 'chatml' },
    s3Reader: unknownRegion,
  })

const anywhere = { storage_region: null, storage_endpoint: null }
const unknownRegion: S3Reader = { region: null, anyAddress: false }

describe.each(trainingProviders)('%s', (provider) => {
  test.each(storageProviders)('and a dataset on %s', (store) => {
    const answer = expected[provider][store]
    expect(ask(provider, store, false).selectable).toBe(answer === 'yes')
    expect(ask(provider, store, true).selectable).toBe(answer !== 'no')
    expect(ask(provider, store, false).cross_storage).toBe(answer === 'cross')
  })
})

test('every no says why and what would help; every yes says nothing', () => {
  for (const provider of trainingProviders)
    for (const storage_provider of storageProviders)
      for (const method of trainingMethods)
        for (const format of datasetFormats)
          for (const allowCrossStorage of [false, true]) {
            const verdict = judge({
              provider,
              method,
              allowCrossStorage,
              dataset: { ...anywhere, storage_provider, format },
              s3Reader: unknownRegion,
            })
            expect(verdict.reason === null).toBe(verdict.selectable)
            expect(verdict.fix === null).toBe(verdict.selectable)
            if (canonicalShapeOf[format] !== shapeForMethod[method]) expect(verdict.selectable).toBe(false)
          }
})

const minio = 'https://minio.example.org:9000'
const amazon = 'https://s3.eu-west-1.amazonaws.com'
const china = 'https://s3.cn-north-1.amazonaws.com.cn'
const notAmazon = 'https://amazonaws.com.example.org'

test.each<[string | null, string | null, Partial<S3Reader>, string | null]>([
  [null, null, {}, null],
  ['us-east-1', null, {}, null],
  ['us-east-1', null, { region: 'us-east-1' }, null],
  [null, null, { region: 'us-east-1' }, null],
  ['us-east-1', null, { region: 'eu-west-1' }, 'its own region, eu-west-1; this dataset is in us-east-1'],
  ['eu-west-1', amazon, { region: 'eu-west-1' }, null],
  ['cn-north-1', china, { region: 'cn-north-1' }, null],
  ['us-east-1', minio, { region: 'us-east-1' }, 'Amazon S3 only; this dataset is at minio.example.org:9000'],
  ['us-east-1', notAmazon, {}, 'Amazon S3 only'],
  ['us-east-1', minio, { region: 'us-east-1', anyAddress: true }, null],
  ['us-east-1', minio, { region: 'eu-west-1', anyAddress: true }, 'its own region'],
])(
  'SageMaker and a bucket in %s at %s, read from %j: %s',
  (storage_region, storage_endpoint, reader, reason) => {
    const verdict = judge({
      provider: 'sagemaker',
      method: 'sft',
      allowCrossStorage: true,
      dataset: { storage_provider: 's3', storage_region, storage_endpoint, format: 'chatml' },
      s3Reader: { ...unknownRegion, ...reader },
    })
    expect(verdict.selectable).toBe(reason === null)
    if (reason) expect(verdict.reason).toContain(reason)
    if (reason) expect(verdict.fix).toContain('a bucket')
  },
)

test('an unknown provider filters nothing, and names are not a matter of case', () => {
  expect(trainingProviderNamed('vast')).toBeNull()
  expect(trainingProviderNamed('RunPod')).toBe('runpod')
  expect(trainingProviderNamed('aws')).toBe('sagemaker')
  for (const store of storageProviders) expect(ask(null, store, false).selectable).toBe(true)
})
