import { readRunnerFile, runnerPath } from '#lib/training/launchers/runner-file.ts'
import { endpoint } from '../endpoint.ts'

export const getRunner = endpoint({
  id: 'downloadRunner',
  method: 'GET',
  path: runnerPath,
  summary: 'The file that runs beside the GPU, with its SHA-256 in x-runner-sha256',
  access: 'public',
  async handle({ request }) {
    const { bytes, sha256 } = readRunnerFile()
    const etag = `"${sha256}"`
    const headers = {
      'content-type': 'text/x-python; charset=utf-8',
      'cache-control': 'public, no-cache',
      etag,
      'x-runner-sha256': sha256,
    }
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers })
    return new Response(new Uint8Array(bytes), { headers })
  },
})
