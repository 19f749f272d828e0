import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** Writes rows of about so many bytes in all, the same on every run; packs about as prose does. */
export async function writeRowsFile(path: string, bytes: number): Promise<number> {
  const out = createWriteStream(path)
  let state = 11
  let written = 0
  for (let index = 0; written < bytes; index++) {
    const words: string[] = []
    for (let word = 0; word < 80; word++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      words.push((state >>> 12).toString(36))
    }
    const line = `${JSON.stringify({ prompt: `What is number ${index}?`, completion: words.join(' ') })}\n`
    written += line.length
    if (!out.write(line)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
  return written
}
