import { estimateRequestSchema, estimateSchema } from '#lib/training/cost/estimate.types.ts'
import { estimateTraining } from '#lib/training/cost/estimate-training.ts'
import { endpoint } from '../endpoint.ts'

export const postEstimate = endpoint({
  id: 'estimateTraining',
  method: 'POST',
  path: '/api/training/estimate',
  summary:
    'What a training would take, in hours and USD, with its assumptions and cheaper machines; starts nothing',
  access: 'user',
  body: estimateRequestSchema,
  answer: estimateSchema,
  handle: ({ services, user, body }) => estimateTraining(services, user, body),
})
