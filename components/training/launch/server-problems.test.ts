import { describe, expect, it } from 'vitest'
import { ApiError } from '#lib/client/api-error.ts'
import { placedProblems } from './server-problems.ts'

const form = {
  provider: 'sagemaker',
  environment: [
    { name: 'A', value: '' },
    { name: 'HF_TOKEN', value: 'x' },
  ],
} as const
const refusal = (details: unknown, code = 'invalid_launch') =>
  new ApiError({ status: 422, code, message: 'It cannot run this', details })

describe('placedProblems', () => {
  it('puts each refusal at the field that it names', () => {
    const error = refusal([
      { field: 'max_runtime_seconds', message: 'At most 28 days.' },
      { field: 'training_image_uri', message: 'Not an ECR image' },
      { field: 'environment_variables.HF_TOKEN', message: 'At most 512 characters.' },
      { field: 'environment_variables', message: 'At most 85.' },
      { field: 'datasets.2b1c7a52', message: 'In another region.' },
      { field: 'hyperparameters.lora.r', message: 'Too big' },
    ])
    expect(placedProblems(error, form)).toEqual([
      { path: 'max_runtime_minutes', message: 'At most 28 days.' },
      { path: 'machine.sagemaker.training_image_uri', message: 'Not an ECR image.' },
      { path: 'environment.1.name', message: 'At most 512 characters.' },
      { path: 'environment', message: 'At most 85.' },
      { path: 'datasets', message: 'In another region.' },
      { path: 'hyperparameters.lora.r', message: 'Too big.' },
    ])
  })

  it('knows what a refusal without a list is about', () => {
    const error = refusal('Set APP_BASE_URL.', 'app_base_url_unreachable')
    expect(placedProblems(error, form)).toEqual([
      { path: 'detached', message: 'It cannot run this. Set APP_BASE_URL.' },
    ])
  })

  it('leaves to others what the form does not show', () => {
    expect(placedProblems(refusal([{ field: 'flavor', message: 'No such flavor' }]), form)).toEqual([])
    expect(placedProblems(refusal(['a sentence']), form)).toEqual([])
    expect(placedProblems(refusal('The key was refused', 'provider_key_refused'), form)).toEqual([])
    expect(placedProblems(new Error('offline'), form)).toEqual([])
  })
})
