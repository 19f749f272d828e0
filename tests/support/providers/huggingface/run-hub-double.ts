import { startHubDouble } from './start-hub-double.ts'

/**
 * `node tests/support/providers/huggingface/run-hub-double.ts [port] [token]`: runs until it is told to stop, runs the
 * jobs' commands on this machine, prints the setting that reaches it and the token to put under Settings > Secrets.
 */
const [, , port = '0', token] = process.argv
const double = await startHubDouble({ port: Number(port), execute: true, ...(token ? { token } : {}) })
process.stdout.write(`HF_ENDPOINT=${double.url}\nHF_TOKEN=${double.token}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => double.close())
