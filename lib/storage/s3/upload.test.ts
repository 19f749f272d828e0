import type { S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { abortUploads } from './upload.ts'

const missing = () =>
  Object.assign(new Error('The specified upload does not exist'), {
    name: 'NoSuchUpload',
    $metadata: { httpStatusCode: 404 },
  })

/** Each kind of request with what it is answered; the kinds in the order they were sent. */
function storeThat(answers: Record<string, () => unknown>) {
  const sent: string[] = []
  const send = async (command: { constructor: { name: string } }) => {
    const kind = command.constructor.name.replace('Command', '')
    sent.push(kind)
    return answers[kind]!()
  }
  return { client: { send, config: {} } as unknown as S3Client, sent }
}

const object = { Bucket: 'bucket', Key: 'key' }
const soon = () => ({ abortSignal: AbortSignal.timeout(5000) })

test('an upload is aborted until the store knows nothing of it', async () => {
  let lists = 0
  const { client, sent } = storeThat({
    AbortMultipartUpload: () => ({}),
    ListParts: () => {
      if (++lists === 2) throw missing()
      return { Parts: [] }
    },
  })
  await abortUploads(client, object, ['one'], soon())
  expect(sent).toEqual(['AbortMultipartUpload', 'ListParts', 'AbortMultipartUpload', 'ListParts'])
})

test('a completed upload whose parts are still listed, as at Swift, is not aborted for ever', async () => {
  const { client, sent } = storeThat({
    AbortMultipartUpload: () => {
      throw missing()
    },
    ListParts: () => ({ Parts: [{ PartNumber: 1 }] }),
  })
  await abortUploads(client, object, ['one'], soon())
  expect(sent).toEqual(['AbortMultipartUpload'])
})
