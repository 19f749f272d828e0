import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { StorageService } from '#lib/storage/storage-service.ts'
import type { Channel, CreateTrainingJob } from '#lib/training/launchers/sagemaker/api-types.ts'

export interface Ended {
  exitStatus: number
  lines: string[]
  /** What the container wrote for FailureReason. */
  failure: string | null
  /** Keys below `/opt/ml/model`, which SageMaker uploads. */
  model: string[]
  /** Files that File mode put into each channel, by its name. */
  channels: Record<string, string[]>
}

/**
 * Does with a training job what SageMaker does in File mode: fills the channels from S3, by prefix or by manifest, runs
 * the entry point with the environment of the job and nothing else, and looks at what it left. A folder stands for /opt/ml.
 */
export async function runContainer(
  request: CreateTrainingJob,
  bucket: StorageService,
  more: Record<string, string> = {},
): Promise<Ended> {
  const root = await mkdtemp(join(tmpdir(), 'sagemaker-container-'))
  try {
    const channels: Record<string, string[]> = {}
    for (const channel of request.InputDataConfig)
      channels[channel.ChannelName] = await fill(channel, bucket, root)
    const here = (text: string) =>
      text.replaceAll('/opt/ml', root).replaceAll('/tmp/finetunelab', join(root, 'work'))
    const [program, script] = request.AlgorithmSpecification.ContainerEntrypoint as [string, string]
    await writeFile(here(script), here(await readFile(here(script), 'utf8')))
    const environment = Object.entries(request.Environment).map(([name, value]) => [name, here(value)])
    const child = spawn(program, [here(script)], {
      env: { PATH: process.env.PATH, ...Object.fromEntries(environment), ...more },
    })
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => lines.push(line))
    const exitStatus = await new Promise<number>((resolve) =>
      child.on('close', (status) => resolve(status ?? 137)),
    )
    return {
      exitStatus,
      lines,
      failure: await readFile(join(root, 'output/failure'), 'utf8').catch(() => null),
      model: await namesBelow(join(root, 'model')),
      channels,
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function fill(
  { ChannelName, DataSource }: Channel,
  bucket: StorageService,
  root: string,
): Promise<string[]> {
  const { S3DataType, S3Uri } = DataSource.S3DataSource
  const [prefix, keys] =
    S3DataType === 'ManifestFile'
      ? await keysOfManifest(bucket, keyOf(S3Uri))
      : await keysOfPrefix(bucket, keyOf(S3Uri))
  for (const key of keys) {
    const file = join(root, 'input/data', ChannelName, key.slice(prefix.length))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, await bytesOf(bucket, key))
  }
  return keys.map((key) => key.slice(prefix.length))
}

/** Names exactly these objects; one that is missing fails the job. */
async function keysOfManifest(bucket: StorageService, manifestKey: string): Promise<[string, string[]]> {
  const [{ prefix }, ...names] = JSON.parse((await bytesOf(bucket, manifestKey)).toString()) as [
    { prefix: string },
    ...string[],
  ]
  return [keyOf(prefix), names.map((name) => keyOf(prefix) + name)]
}

/** A prefix of the text of a key, not a folder: a neighbour whose name begins alike comes along. */
async function keysOfPrefix(bucket: StorageService, prefix: string): Promise<[string, string[]]> {
  const keys: string[] = []
  for await (const { key } of bucket.list('')) if (key.startsWith(prefix)) keys.push(key)
  return [prefix, keys]
}

const keyOf = (uri: string) => uri.replace(/^s3:\/\/[^/]+\//, '')

async function bytesOf(bucket: StorageService, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await bucket.getRange(key)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function namesBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort()
}
