import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { startInProcessS3 } from './in-process-s3.ts'
import { administerRadosgw, startRadosgw } from './radosgw.ts'
import { NoPackages } from './radosgw-packages.ts'
import type { S3User } from './s3-user.ts'
import { sharedServer } from './shared-server.ts'

export interface S3TestServer extends S3User {
  endpoint: string
  region: string
  bucket: string
  /** `external`: somebody's server, named in the environment; `radosgw`: Ceph's; `in-process`: a kind stand-in. */
  kind: 'external' | 'radosgw' | 'in-process'
  /** What this server cannot prove, for the reasons of skipped tests. */
  unproven: { signatures: string | null; policies: string | null; quotas: string | null }
  /** Where a radosgw has everything it has. */
  dir?: string
  /** A further user of the same server, without any rights, or null where none can be made. */
  createUser: ((name: string) => Promise<S3User>) | null
  /** Lets a user of this server store so many bytes and no more, where that can be set. */
  limitUser: ((name: string, bytes: number) => Promise<void>) | null
  close(): Promise<void>
}

/**
 * The S3 server that the tests run against: the one that `TEST_S3_ENDPOINT` names, else the one of this run of the
 * suite with a bucket of one's own, else Ceph's gateway, else a stand-in in this process, which says aloud what it could
 * not check. `TEST_S3_SERVER=in-process` asks for that one.
 */
export async function startS3Server(): Promise<S3TestServer> {
  const kind = fromEnvironment('SERVER')
  const ready = (await externalServer()) ?? (await serverOfThisRun())
  if (ready) return ready
  const real = kind === 'in-process' ? null : await realServer()
  if (real) return real
  aloud(standInWords)
  return startS3StandIn()
}

function fromEnvironment(name: string): string | undefined {
  return process.env[`TEST_S3_${name}`] || undefined
}

function externalServer(): Promise<S3TestServer> | null {
  const endpoint = fromEnvironment('ENDPOINT')
  if (!endpoint) return null
  const unknown = 'the server that TEST_S3_ENDPOINT names offers no way to set that up'
  return withBucket({
    endpoint,
    accessKeyId: fromEnvironment('ACCESS_KEY_ID') ?? '',
    secretAccessKey: fromEnvironment('SECRET_ACCESS_KEY') ?? '',
    region: fromEnvironment('REGION') ?? 'us-east-1',
    bucket: fromEnvironment('BUCKET') ?? 'finetunelab-tests',
    kind: 'external',
    unproven: { signatures: null, policies: unknown, quotas: unknown },
    createUser: null,
    limitUser: null,
    close: async () => {},
  })
}

async function serverOfThisRun(): Promise<S3TestServer | null> {
  const shared = (await sharedServer()) as S3TestServer | null
  if (!shared) return null
  if (shared.kind === 'in-process') aloud(standInWords)
  const nobody = { createUser: null, limitUser: null }
  return withBucket({
    ...shared,
    ...(shared.dir ? await administerRadosgw(shared.dir) : nobody),
    bucket: `${shared.bucket}-${crypto.randomUUID().slice(0, 8)}`,
    close: async () => {},
  })
}

/** A port may be taken in the moment before it is used, and a mirror may be busy: the next try has other ports. */
const tries = 3

async function realServer(): Promise<S3TestServer | null> {
  for (let tried = 1; tried <= tries; tried++) {
    try {
      return await startedRadosgw()
    } catch (error) {
      aloud(`No real S3 server could be started (${(error as Error).message}); try ${tried} of ${tries}.`)
      if (error instanceof NoPackages) break
    }
  }
  return null
}

async function startedRadosgw(): Promise<S3TestServer> {
  const server = await startRadosgw()
  try {
    const user = await server.createUser('owner')
    return await withBucket({
      ...user,
      endpoint: server.endpoint,
      region: 'us-east-1',
      bucket: 'finetunelab-tests',
      kind: 'radosgw',
      unproven: { signatures: null, policies: null, quotas: null },
      dir: server.dir,
      createUser: server.createUser,
      limitUser: server.limitUser,
      close: server.close,
    })
  } catch (error) {
    await server.close()
    throw error
  }
}

const standInWords =
  'Using a stand-in for a real S3 server. NOT checked: signatures, clock skew, bucket policies, quotas.'

export async function startS3StandIn(): Promise<S3TestServer> {
  const server = await startInProcessS3()
  const reason =
    'the in-process stand-in for S3 does not check it; run on a machine with apt, or set TEST_S3_ENDPOINT'
  return withBucket({
    ...server,
    region: 'us-east-1',
    bucket: 'finetunelab-tests',
    kind: 'in-process',
    unproven: { signatures: reason, policies: reason, quotas: reason },
    createUser: null,
    limitUser: null,
  })
}

/** Makes the bucket where that is missing and permitted, and wakes the server with a first object. */
async function withBucket(server: S3TestServer): Promise<S3TestServer> {
  const client = new S3Client({ ...clientSettings(server), maxAttempts: 5 })
  const Bucket = server.bucket
  try {
    const found = () => client.send(new HeadBucketCommand({ Bucket }))
    // Another file of the suite may have made it in between.
    await found().catch(() =>
      client.send(new CreateBucketCommand({ Bucket })).catch((error) =>
        found().catch(() => {
          throw error
        }),
      ),
    )
    // Ceph makes the pools of the first object while it waits, which takes seconds.
    await client.send(new PutObjectCommand({ Bucket, Key: 'finetunelab-tests/awake', Body: 'awake' }))
    return server
  } catch (error) {
    await server.close()
    throw error
  } finally {
    client.destroy()
  }
}

export function clientSettings(server: S3TestServer) {
  const { endpoint, region, accessKeyId, secretAccessKey } = server
  return {
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED' as const,
    responseChecksumValidation: 'WHEN_REQUIRED' as const,
  }
}

function aloud(sentence: string): void {
  process.stderr.write(`[s3 tests] ${sentence}\n`)
}
