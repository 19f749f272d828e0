import { startS3Server } from './start-s3-server.ts'

/** `node tests/support/s3-server/run-s3-server.ts`: runs until it is told to stop, prints the settings that reach it. */
const server = await startS3Server()
process.stdout.write(
  [
    `TEST_S3_ENDPOINT=${server.endpoint}`,
    `TEST_S3_ACCESS_KEY_ID=${server.accessKeyId}`,
    `TEST_S3_SECRET_ACCESS_KEY=${server.secretAccessKey}`,
    `TEST_S3_REGION=${server.region}`,
    `TEST_S3_BUCKET=${server.bucket}`,
    '',
  ].join('\n'),
)
const keepAlive = setInterval(() => {}, 60_000)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    clearInterval(keepAlive)
    await server.close()
  })
}
