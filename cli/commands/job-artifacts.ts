import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { listArtifacts, openArtifact } from '#lib/client/artifacts.ts'
import { formatBytes } from '#lib/display/number-format.ts'
import { formatRelative } from '#lib/display/time-format.ts'
import { corrupt, notFound } from '#lib/errors/app-error.ts'
import { table } from '../output.ts'
import type { Action, Run } from '../program.ts'

export function addArtifacts(jobs: Command, run: Run): void {
  jobs
    .command('artifacts')
    .description('list what a training has left with us: adapters, checkpoints')
    .argument('<job>', 'its id')
    .action(run(list))
  jobs
    .command('download')
    .description('download an artifact; run it again and it goes on where it was broken off')
    .argument('<job>', 'its id')
    .argument('<artifact>', 'its name, such as adapter.tar')
    .option('-o, --output <path>', 'where to; the name of the artifact when absent')
    .action(run(download))
}

const list: Action<[string], object> = async (context, _options, jobId) => {
  const { artifacts } = await listArtifacts(await context.api(), jobId, context.signal)
  const now = new Date()
  const rows = artifacts.map(({ name, size_bytes, sha256, created_at }) => [
    name,
    formatBytes(size_bytes),
    sha256.slice(0, 12),
    formatRelative(new Date(created_at), now),
  ])
  const words = table([['NAME', 'SIZE', 'SHA-256', 'CREATED'], ...rows], { right: [1] })
  context.output.result({ artifacts }, rows.length === 0 ? 'No artifacts.' : words)
}

/** What has arrived waits beside the target under the artifact's hash, and gets its name once the hash is proved. */
const download: Action<[string, string], { output?: string }> = async (context, options, jobId, name) => {
  const api = await context.api()
  const { artifacts } = await listArtifacts(api, jobId, context.signal)
  const artifact = artifacts.find((one) => one.name === name)
  if (!artifact) throw notFound('artifact_not_found', `The job has no artifact "${name}"`)
  const target = options.output ?? basename(name)
  const partial = `${target}.${artifact.sha256.slice(0, 12)}.part`
  const start = await sizeOf(partial)
  if (start < artifact.size_bytes) {
    const body = await openArtifact(api, jobId, name, { start, signal: context.signal })
    await pipeline(Readable.fromWeb(body as never), createWriteStream(partial, { flags: 'a' }))
  }
  if ((await sha256Of(partial)) !== artifact.sha256) {
    await rm(partial)
    throw corrupt('artifact_corrupt', 'What arrived is not the artifact', 'Nothing was kept: try again.')
  }
  await rename(partial, target)
  context.output.result({ path: target, ...artifact }, `${target}: ${formatBytes(artifact.size_bytes)}`)
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
