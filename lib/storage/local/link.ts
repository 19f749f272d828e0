import { datasetIdOfKey } from '../storage-key.ts'
import type { SignedDownload } from '../storage-service.ts'
import { signLocalLink } from './signature.ts'

/** A link to the route that serves objects of this machine, good for as long as its signature says. */
export function createLocalLink(options: {
  key: string
  expiresSeconds: number
  signingKey: Uint8Array
  baseUrl: string
}): SignedDownload {
  const datasetId = datasetIdOfKey(options.key)
  const expires = Math.floor(Date.now() / 1000) + options.expiresSeconds
  const signature = signLocalLink({ datasetId, expires }, options.signingKey)
  return {
    url: `${options.baseUrl}/api/training/dataset/${datasetId}/content?expires=${expires}&signature=${signature}`,
    expiresAt: new Date(expires * 1000),
  }
}
