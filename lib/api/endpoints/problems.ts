import { Readable } from 'node:stream'
import { readProblemFile, removeProblemFile } from '#lib/training/problems/read-problem-file.ts'
import { endpoint } from '../endpoint.ts'
import { idParams } from './id-params.ts'

export const getProblems = endpoint({
  id: 'downloadProblems',
  method: 'GET',
  path: '/api/training/problems/{id}',
  summary:
    'Rows of an upload that had problems, as JSON Lines with their text; by the id of its dataset, or as `problems_file` of the refusal says',
  access: 'user',
  params: idParams,
  async handle({ services, user, params }) {
    const lines = await readProblemFile(services, user, params.id)
    return new Response(Readable.toWeb(lines) as unknown as BodyInit, {
      headers: {
        'content-type': 'application/jsonl; charset=utf-8',
        'content-disposition': 'attachment; filename="problems.jsonl"',
        'cache-control': 'no-store',
      },
    })
  },
})

export const deleteProblems = endpoint({
  id: 'deleteProblems',
  method: 'DELETE',
  path: '/api/training/problems/{id}',
  summary: 'Remove the kept rows of an upload before their time',
  access: 'user',
  params: idParams,
  handle: ({ services, user, params }) => removeProblemFile(services, user, params.id),
})
