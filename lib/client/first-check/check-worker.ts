import type { CheckRequest } from './check-file.ts'
import { lookAtFile } from './look-at-file.ts'

self.onmessage = async ({ data }: MessageEvent<CheckRequest>) => {
  try {
    self.postMessage(await lookAtFile(data))
  } catch (error) {
    // Out of the promise, where whoever waits is told of it.
    setTimeout(() => {
      throw error
    })
  }
}
