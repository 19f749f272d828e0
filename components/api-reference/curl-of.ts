import type { ApiOperation } from '#lib/client/openapi.ts'

/** A command to try an operation with; what the reader has to fill in stands in capitals. */
export function curlOf(serverUrl: string, method: string, path: string, operation: ApiOperation): string {
  const url = `${serverUrl}${path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)}`
  const parts = ['curl']
  if (method !== 'GET') parts.push(`-X ${method}`)
  if (operation.security.length > 0) parts.push(`-H "authorization: Bearer $TOKEN"`)
  const [contentType] = Object.keys(operation.requestBody?.content ?? {})
  if (contentType === 'multipart/form-data') parts.push('-F name="My data"', '-F file=@data.jsonl')
  else if (contentType) parts.push(`-H "content-type: ${contentType}"`, `-d '{}'`)
  return `${parts.join(' ')} "${url}"`
}
