import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { s3PartBytes } from '#lib/storage/s3/limits.ts'
import { createS3StorageService, type S3StorageOptions } from '#lib/storage/s3-storage-service.ts'
import { unproxied } from '#tests/support/fault-proxy.ts'
import { clientSettings, type S3TestServer } from '#tests/support/s3-server/start-s3-server.ts'
import { describeStorage, type StorageWiring } from './storage.contract.ts'

/** What every store promises, shown by the S3 adapter at the server that is started. */
export function describeS3Storage(startServer: () => Promise<S3TestServer>): void {
  describeStorage('s3', s3Wiring(startServer))
}

function s3Wiring(startServer: () => Promise<S3TestServer>): StorageWiring {
  let server: S3TestServer
  return {
    async start() {
      server = await startServer()
      const client = new S3Client(clientSettings(server))
      const created = (changes: Partial<S3StorageOptions> = {}) =>
        createS3StorageService({
          ...server,
          forcePathStyle: true,
          allowPrivateAddresses: true,
          ...changes,
        })
      return {
        server: server.kind,
        storage: created(),
        partBytes: s3PartBytes,
        address: server.endpoint,
        at: (endpoint) => created({ endpoint }),
        withWrongCredentials: () => created({ secretAccessKey: 'wrong'.repeat(8) }),
        withMissingBucket: () => created({ bucket: `missing-${crypto.randomUUID()}` }),
        async nearlyFull() {
          const name = `full-${crypto.randomUUID()}`
          const user = await server.createUser!(name)
          await server.limitUser!(name, 500_000)
          const bucket = name
          await makeBucket({ ...server, ...user }, bucket)
          return created({ ...user, bucket })
        },
        async leftovers(prefix) {
          const command = new ListMultipartUploadsCommand({ Bucket: server.bucket, Prefix: prefix })
          const { Uploads = [] } = await client.send(command)
          return Uploads.map(({ Key }) => Key!).filter((key) => key.startsWith(prefix))
        },
        async close() {
          client.destroy()
          await server.close()
        },
      }
    },
    excused() {
      const { signatures, quotas } = server.unproven
      const faults = unproxied(server.endpoint)
      return {
        ...(faults ? { faults } : {}),
        ...(signatures ? { 'signed-links': signatures, 'wrong-credentials': signatures } : {}),
        ...(quotas ? { 'fills-up': quotas } : {}),
      }
    },
  }
}

async function makeBucket(owner: S3TestServer, bucket: string): Promise<void> {
  const client = new S3Client(clientSettings(owner))
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
}
