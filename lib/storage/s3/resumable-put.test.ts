import type { S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { s3ResumablePartBytes } from './limits.ts'
import { s3ResumablePuts } from './resumable-put.ts'

interface Sent {
  name: string
  input: { PartNumber?: number; ChecksumAlgorithm?: string; IfNoneMatch?: string }
}

/** A store that takes everything and remembers what it was sent. */
function rememberingClient(more: Record<string, () => unknown> = {}) {
  const sent: Sent[] = []
  const answers: Record<string, (input: Sent['input']) => unknown> = {
    CreateMultipartUploadCommand: () => ({ UploadId: 'upload' }),
    UploadPartCommand: ({ PartNumber }) => ({ ETag: `"${PartNumber}"` }),
    ListPartsCommand: () => ({ Parts: [{ PartNumber: 1, ETag: '"1"', Size: s3ResumablePartBytes }] }),
    ListMultipartUploadsCommand: () => ({ Uploads: [] }),
    CompleteMultipartUploadCommand: () => ({}),
    PutObjectCommand: () => ({}),
    ...more,
  }
  const send = async (command: { constructor: { name: string }; input: Sent['input'] }) => {
    const { name } = command.constructor
    sent.push({ name, input: command.input })
    const answer = answers[name]
    if (!answer) throw Object.assign(new Error('There is nothing'), { $metadata: { httpStatusCode: 404 } })
    return answer(command.input)
  }
  const checksums = () =>
    sent
      .filter(({ name }) => name === 'CreateMultipartUploadCommand' || name === 'UploadPartCommand')
      .map(({ input }) => input.ChecksumAlgorithm)
  const last = () => sent.at(-1)!
  return { client: { send } as unknown as S3Client, checksums, last }
}

test.each([
  [undefined, 'SHA256'],
  ['SHA256', undefined],
] as const)(
  'a put that began with the checksum %s goes on so when %s is used by then',
  async (began, later) => {
    const { client, checksums } = rememberingClient()
    const puts = (checksumAlgorithm: 'SHA256' | undefined) =>
      s3ResumablePuts({ client, bucket: 'b', checksumAlgorithm, conditionalWrites: false })
    const put = await puts(began).begin('key')
    await put.append(new Uint8Array(s3ResumablePartBytes + 1))
    const checkpoint = await put.checkpoint()
    const kept = { ...checkpoint, handle: JSON.parse(JSON.stringify(checkpoint.handle)) }
    const again = await puts(later).resume('key', kept)
    await again.append(new Uint8Array(s3ResumablePartBytes))
    await again.commit()
    expect(checksums().length).toBeGreaterThan(2)
    expect(new Set(checksums())).toEqual(new Set([began]))
  },
)

const committed = async (
  { client }: ReturnType<typeof rememberingClient>,
  conditionalWrites: boolean,
  bytes: number,
) => {
  const puts = s3ResumablePuts({ client, bucket: 'b', checksumAlgorithm: undefined, conditionalWrites })
  const put = await puts.begin('key')
  await put.append(new Uint8Array(bytes))
  await put.commit()
}
const sizes = [
  ['one request', 10],
  ['parts', s3ResumablePartBytes + 1],
] as const

test.each(sizes)(
  'what began on nothing is written on nothing only, where the store heeds it (%s)',
  async (_, bytes) => {
    const heeding = rememberingClient()
    await committed(heeding, true, bytes)
    expect(heeding.last().input.IfNoneMatch).toBe('*')
    const other = rememberingClient()
    await committed(other, false, bytes)
    expect(other.last().input.IfNoneMatch).toBeUndefined()
  },
)

test.each(sizes)('what was there at the beginning is replaced (%s)', async (_, bytes) => {
  const store = rememberingClient({ HeadObjectCommand: () => ({ Metadata: {} }) })
  await committed(store, true, bytes)
  expect(store.last().input.IfNoneMatch).toBeUndefined()
})
