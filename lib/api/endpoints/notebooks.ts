import { clientAddressHeader } from '#lib/auth/attempt-limits.ts'
import { createJobCode } from '#lib/training/job-codes/create-job-code.ts'
import { jobCodeSchema, redeemedSchema, redeemSchema } from '#lib/training/job-codes/job-code.types.ts'
import { redeemJobCode } from '#lib/training/job-codes/redeem-job-code.ts'
import { getJobNotebook } from '#lib/training/notebooks/get-job-notebook.ts'
import { endpoint } from '../endpoint.ts'
import { idParams } from './id-params.ts'

export const getNotebook = endpoint({
  id: 'downloadJobNotebook',
  method: 'GET',
  path: '/api/training/jobs/{id}/notebook.ipynb',
  summary: 'The notebook that runs a job on Colab; it holds no token and asks for a one-time code',
  access: 'user',
  params: idParams,
  async handle({ services, user, params }) {
    const { fileName, notebook } = await getJobNotebook(services, user, params.id)
    return new Response(JSON.stringify(notebook, null, 1), {
      headers: {
        'content-type': 'application/x-ipynb+json',
        'content-disposition': `attachment; filename="${fileName}"`,
        'cache-control': 'no-store',
      },
    })
  },
})

export const postCode = endpoint({
  id: 'createJobCode',
  method: 'POST',
  path: '/api/training/jobs/{id}/code',
  summary: 'A one-time code for the notebook of a job, good for 15 minutes; the code before it is dead',
  access: 'user',
  params: idParams,
  answer: jobCodeSchema,
  status: 201,
  handle: ({ services, user, params }) => createJobCode(services, user, params.id),
})

export const postRedeem = endpoint({
  id: 'redeemJobCode',
  method: 'POST',
  path: '/api/training/jobs/redeem',
  summary: "A job's own token for a one-time code; the token that an earlier notebook had is dead",
  access: 'public',
  body: redeemSchema,
  answer: redeemedSchema,
  handle: ({ services, body, request }) =>
    redeemJobCode(services, body.code, request.headers.get(clientAddressHeader) ?? ''),
})
