/**
 * Posts a file as a form, so many times over as one stream, as a client on the same machine. Prints the new dataset's id.
 *
 *   node post-lane.ts <url> <token> <file> <times>
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

const [url, token, file, times] = process.argv.slice(2) as [string, string, string, string]
const boundary = 'bench-boundary'
const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="rows.jsonl"\r\ncontent-type: application/octet-stream\r\n\r\n`
const tail = `\r\n--${boundary}--\r\n`

async function* body(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head)
  for (let time = 0; time < Number(times); time++) yield* createReadStream(file, { highWaterMark: 1 << 18 })
  yield Buffer.from(tail)
}

const length = head.length + (await stat(file)).size * Number(times) + tail.length
const sent = request(`${url}/api/training/dataset`, {
  method: 'POST',
  headers: {
    authorization: `Bearer ${token}`,
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': length,
  },
})
const answered = new Promise<string>((resolve, reject) => {
  sent.once('error', reject)
  sent.once('response', async (response) => {
    const answer = await text(response)
    if (response.statusCode === 201) resolve(answer)
    else reject(new Error(`The server answered ${response.statusCode}: ${answer.slice(0, 500)}`))
  })
})
const [answer] = await Promise.all([answered, pipeline(Readable.from(body(), { objectMode: false }), sent)])
process.stdout.write(JSON.parse(answer).dataset.id)
