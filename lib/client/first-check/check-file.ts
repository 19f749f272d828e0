import type { DeclaredFormat, IngestReport, JsonValue } from '#lib/training/dataset.types.ts'

export interface FileCheckOptions {
  declaredFormat: DeclaredFormat
  split?: 'line' | 'paragraph' | 'document' | undefined
  onSecret?: 'warn' | 'refuse' | undefined
  contextLength?: number | undefined
  signal: AbortSignal
}

/** What the worker is asked. */
export interface CheckRequest extends Omit<FileCheckOptions, 'signal'> {
  file: Blob
}

/** What the beginning of a file shows; the upload checks the rest. */
export interface FileCheck {
  /** Null where a browser cannot look inside: it is checked on arrival. */
  report: IngestReport | null
  firstRows: JsonValue[]
  /** Why the upload would be refused, were this all of the file. */
  refusal: { message: string; details: unknown; report: IngestReport | null } | null
  /** The report is about the beginning only. */
  partial: boolean
}

/** Checks the first bytes with the server's own rules, in a worker, so that the page stays quick. */
export function checkFile(file: Blob, { signal, ...reading }: FileCheckOptions): Promise<FileCheck> {
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
    worker.postMessage({ file, ...reading } satisfies CheckRequest)
  })
}
