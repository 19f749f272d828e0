import type { DeclaredFormat, IngestReport, JsonValue } from '#lib/training/dataset.types.ts'
import { readHead } from './read-head.ts'

export interface FileCheckOptions {
  declaredFormat: DeclaredFormat
  split: 'line' | 'paragraph' | 'document' | undefined
  contextLength?: number | undefined
  signal: AbortSignal
}

/** What the worker is asked. */
export interface CheckRequest extends Omit<FileCheckOptions, 'signal'> {
  head: Uint8Array
  partial: boolean
}

/** What the beginning of a file shows; the upload checks the rest. */
export interface FileCheck {
  /** Null where a browser cannot look inside (Parquet, Zstandard): it is checked on arrival. */
  report: IngestReport | null
  firstRows: JsonValue[]
  /** Why the upload would be refused, were this all of the file. */
  refusal: { message: string; details: unknown } | null
  /** The report is about the beginning only. */
  partial: boolean
}

/** Checks the first bytes with the server's own rules, in a worker, so that the page stays quick. */
export async function checkFile(file: Blob, options: FileCheckOptions): Promise<FileCheck> {
  const { signal, ...reading } = options
  const head = await readHead(file)
  if (!head) return { report: null, firstRows: [], refusal: null, partial: true }
  const answer = await askWorker({ ...reading, head: head.bytes, partial: head.partial }, signal)
  return { ...answer, partial: head.partial }
}

function askWorker(request: CheckRequest, signal: AbortSignal): Promise<Omit<FileCheck, 'partial'>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { type: 'module' })
    const finish = () => {
      signal.removeEventListener('abort', finish)
      worker.terminate()
    }
    worker.onmessage = ({ data }) => {
      finish()
      resolve(data)
    }
    worker.onerror = (event) => {
      finish()
      reject(new Error(event.message || 'The first look at the file failed'))
    }
    signal.addEventListener('abort', finish, { once: true })
    worker.postMessage(request, [request.head.buffer])
  })
}
