import { S3Client } from '@aws-sdk/client-s3'
import { assertEndpointAllowed, guardedAgents, type Resolve } from '../endpoint/endpoint-guard.ts'

export interface S3ClientSettings {
  region: string
  /** Address of a store other than Amazon's, or null. */
  endpoint: string | null
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  /** `host/bucket/key` in place of `bucket.host/key`. */
  forcePathStyle: boolean
  /** Lets the endpoint be in a private network. */
  allowPrivateAddresses: boolean
  resolve?: Resolve
}

const connectMilliseconds = 10_000
/** Silence on a socket after which a request counts as failed. */
const idleMilliseconds = 60_000
/** First try included. Parts and small objects are held in memory, so every request can be sent again. */
const attemptsMax = 4

export function createS3Client(settings: S3ClientSettings): S3Client {
  const { region, endpoint, accessKeyId, secretAccessKey, sessionToken } = settings
  if (endpoint) assertEndpointAllowed(endpoint, settings)
  const agents = guardedAgents(settings)
  return new S3Client({
    region,
    ...(endpoint ? { endpoint } : {}),
    forcePathStyle: settings.forcePathStyle,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    maxAttempts: attemptsMax,
    // Every request's signature covers the SHA-256 of its body. The SDK's CRC32 on top of that breaks older
    // look-alikes, and ends up in signed links, where it is the checksum of nothing.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      httpAgent: agents.http,
      httpsAgent: agents.https,
      connectionTimeout: connectMilliseconds,
      socketTimeout: idleMilliseconds,
    },
  })
}
