import type { IncomingHttpHeaders } from 'node:http'

const pattern =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$/

/** What is wrong with a SigV4 signature as far as it can be seen without the secret: the code AWS answers, or null. */
export function signatureFault(
  headers: IncomingHttpHeaders,
  expected: { accessKeyId: string; region: string; service: string },
): string | null {
  const match = pattern.exec(headers.authorization ?? '')
  if (!match)
    return headers.authorization ? 'IncompleteSignatureException' : 'MissingAuthenticationTokenException'
  const [, key, , region, service, signed] = match
  if (key !== expected.accessKeyId) return 'UnrecognizedClientException'
  if (region !== expected.region || service !== expected.service) return 'InvalidSignatureException'
  const covered = signed!.split(';')
  return covered.includes('host') && covered.includes('x-amz-date') ? null : 'InvalidSignatureException'
}
