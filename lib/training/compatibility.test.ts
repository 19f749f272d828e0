import { describe, expect, test } from 'vitest'
import { type StorageProvider, storageProviders } from '#lib/storage/storage-provider.types.ts'
import { judge, trainingProviderNamed } from './compatibility.ts'
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
    dataset: { storage_provider: store, storage_region: null, format: 'chatml' },
  })

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
              dataset: { storage_provider, storage_region: null, format },
            })
            expect(verdict.reason === null).toBe(verdict.selectable)
            expect(verdict.fix === null).toBe(verdict.selectable)
            if (canonicalShapeOf[format] !== shapeForMethod[method]) expect(verdict.selectable).toBe(false)
          }
})

test('SageMaker refuses a bucket of another region and says which', () => {
  const verdict = judge({
    provider: 'sagemaker',
    method: 'sft',
    allowCrossStorage: true,
    region: 'eu-west-1',
    dataset: { storage_provider: 's3', storage_region: 'us-east-1', format: 'chatml' },
  })
  expect(verdict).toMatchObject({
    selectable: false,
    reason: expect.stringContaining('eu-west-1'),
    fix: expect.stringContaining('us-east-1'),
  })
})

test('an unknown provider filters nothing, and names are not a matter of case', () => {
  expect(trainingProviderNamed('vast')).toBeNull()
  expect(trainingProviderNamed('RunPod')).toBe('runpod')
  expect(trainingProviderNamed('aws')).toBe('sagemaker')
  for (const store of storageProviders) expect(ask(null, store, false).selectable).toBe(true)
})
