import { publishServer, runEnded } from './shared-server.ts'
import { startS3Server } from './start-s3-server.ts'

/**
 * `node tests/support/s3-server/run-s3-server.ts`: runs until it is told to stop, prints the settings that reach it.
 * With the folder of a test run: for all its test files, until the run ends.
 */
const [, , folder] = process.argv
const server = await startS3Server()
const signalled = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})
if (folder) {
  await publishServer(folder, server)
  await Promise.race([signalled, runEnded(folder)])
  await server.close()
  process.exit(0)
}
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
await signalled
clearInterval(keepAlive)
await server.close()
