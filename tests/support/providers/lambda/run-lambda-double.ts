import { startLambdaDouble } from './start-lambda-double.ts'

/**
 * `node tests/support/providers/lambda/run-lambda-double.ts [port] [api key]`: runs until it is told to stop, does what
 * the user data says on this machine, prints the setting that reaches it and what to put under Settings > Secrets.
 */
const [, , port = '0', apiKey] = process.argv
const double = await startLambdaDouble({ port: Number(port), execute: true, ...(apiKey ? { apiKey } : {}) })
process.stdout.write(
  `LAMBDA_API_URL=${double.url}\nLAMBDA_API_KEY=${double.apiKey}\nLAMBDA_SSH_KEY_NAME=${double.sshKeys[0]}\n`,
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => double.close())
