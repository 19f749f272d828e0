import { startRunPodDouble } from './start-runpod-double.ts'

/**
 * `node tests/support/providers/runpod/run-runpod-double.ts [port] [api key]`: runs until it is told to stop, runs the
 * pods' commands on this machine, prints the setting that reaches it and the key to put under Settings > Secrets.
 */
const [, , port = '0', apiKey] = process.argv
const double = await startRunPodDouble({ port: Number(port), execute: true, ...(apiKey ? { apiKey } : {}) })
process.stdout.write(`RUNPOD_API_URL=${double.url}\nRUNPOD_API_KEY=${double.apiKey}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => double.close())
