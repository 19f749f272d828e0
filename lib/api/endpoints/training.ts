import { z } from 'zod'
import { invalid } from '#lib/errors/app-error.ts'
import { offersSchema, providerStatesSchema } from '#lib/training/compatibility.types.ts'
import { createConfig } from '#lib/training/configs/create-config.ts'
import { deleteConfig } from '#lib/training/configs/delete-config.ts'
import { getConfig } from '#lib/training/configs/get-config.ts'
import { listConfigs } from '#lib/training/configs/list-configs.ts'
import { updateConfig } from '#lib/training/configs/update-config.ts'
import { deployResultSchema } from '#lib/training/job.types.ts'
import { deployJob } from '#lib/training/jobs/deploy-job.ts'
import { deployRequestSchemas } from '#lib/training/launchers/deploy-requests.types.ts'
import { listOffers } from '#lib/training/launchers/list-offers.ts'
import { listProviderStates } from '#lib/training/launchers/list-provider-states.ts'
import {
  type TrainingProvider,
  trainingConfigInputSchema,
  trainingConfigPatchSchema,
  trainingConfigSchema,
  trainingProviderSchema,
  trainingProviders,
} from '#lib/training/training-config.types.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { idParams } from './id-params.ts'

export const getConfigs = endpoint({
  id: 'listConfigs',
  method: 'GET',
  path: '/api/training/config',
  summary: 'Training configurations, newest first',
  access: 'user',
  answer: z.object({ configs: z.array(trainingConfigSchema), count: z.number().int() }),
  handle: ({ services, user }) => listConfigs(services, user),
})

export const postConfig = endpoint({
  id: 'createConfig',
  method: 'POST',
  path: '/api/training/config',
  summary: 'Create a training configuration',
  access: 'user',
  body: trainingConfigInputSchema,
  answer: trainingConfigSchema,
  status: 201,
  handle: ({ services, user, body }) => createConfig(services, user, body),
})

export const getOneConfig = endpoint({
  id: 'getConfig',
  method: 'GET',
  path: '/api/training/config/{id}',
  summary: 'One training configuration',
  access: 'user',
  params: idParams,
  answer: trainingConfigSchema,
  handle: ({ services, user, params }) => getConfig(services, user, params.id),
})

export const patchConfig = endpoint({
  id: 'updateConfig',
  method: 'PATCH',
  path: '/api/training/config/{id}',
  summary: 'Change a training configuration; jobs keep the one they were launched with',
  access: 'user',
  params: idParams,
  body: trainingConfigPatchSchema,
  answer: trainingConfigSchema,
  handle: ({ services, user, params, body }) => updateConfig(services, user, params.id, body),
})

export const removeConfig = endpoint({
  id: 'deleteConfig',
  method: 'DELETE',
  path: '/api/training/config/{id}',
  summary: 'Delete a training configuration',
  access: 'user',
  params: idParams,
  handle: ({ services, user, params }) => deleteConfig(services, user, params.id),
})

export const getProviders = endpoint({
  id: 'listProviders',
  method: 'GET',
  path: '/api/training/providers',
  summary: 'Where a training can run now, and what the other places lack',
  access: 'user',
  answer: providerStatesSchema,
  handle: ({ services, user }) => listProviderStates(services, user),
})

export const getOffers = endpoint({
  id: 'listOffers',
  method: 'GET',
  path: '/api/training/providers/{provider}/offers',
  summary: 'Machines to choose from at a provider, with price and stock, cheapest first',
  access: 'user',
  params: z.object({ provider: trainingProviderSchema }),
  answer: offersSchema,
  handle: ({ services, user, params, signal }) => listOffers(services, user, params.provider, signal),
})

const idempotencyKeySchema = z.string().min(1).max(200)

const deployTo = (provider: TrainingProvider): Endpoint =>
  endpoint({
    id: `deployTo_${provider}`,
    method: 'POST',
    path: `/api/training/deploy/${provider}`,
    summary: `Launch a training on ${provider}; the same Idempotency-Key answers the same job`,
    access: 'user',
    body: deployRequestSchemas[provider],
    answer: deployResultSchema,
    status: 202,
    async handle({ services, user, body, request }) {
      const header = request.headers.get('idempotency-key')
      const key = idempotencyKeySchema.nullable().safeParse(header)
      if (!key.success)
        throw invalid(
          'invalid_idempotency_key',
          'The Idempotency-Key is not usable',
          'Use 1 to 200 characters.',
        )
      const job = await deployJob(services, user, provider, body, key.data)
      return { job_id: job.id, status: job.status, job }
    },
  })

export const deployEndpoints = trainingProviders.map(deployTo)
