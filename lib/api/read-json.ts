import { AppError, invalid } from '#lib/errors/app-error.ts'

const jsonBodyBytesMax = 16 * 1024 * 1024

/** The JSON body of a request; an empty one is `{}`. */
export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request)
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    throw invalid(
      'invalid_json',
      'The body is not JSON',
      'Send a JSON object with content-type application/json.',
    )
  }
}

async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > jsonBodyBytesMax)
      throw new AppError('limit', { code: 'body_too_large', message: 'The body is too large' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
