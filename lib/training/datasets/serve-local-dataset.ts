import { Readable } from 'node:stream'
import { AppError, notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { datasetOfRow } from './dataset-row.ts'
import { openDatasetStore } from './dataset-store.ts'
import { isReady } from './get-dataset.ts'

/** The bytes of a dataset, or the one range that is asked for (RFC 9110, section 14). The caller has checked the link. */
export async function serveLocalDataset(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  id: string,
  rangeHeader: string | null,
  signal: AbortSignal,
): Promise<Response> {
  const row = await services.db.service
    .selectFrom('training_datasets')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  const dataset = row && datasetOfRow(row)
  if (!dataset || !isReady(dataset)) throw notFound('dataset_not_found', 'There is no such dataset')
  const store = await openDatasetStore(services, dataset)
  const size = dataset.file_size_bytes
  const range = parseRange(rangeHeader, size)
  const bytes = await store.getRange(dataset.storage_path, range ?? { start: 0 }, { signal })
  return new Response(Readable.toWeb(Readable.from(bytes)) as unknown as BodyInit, {
    status: range ? 206 : 200,
    headers: {
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      'content-type': 'application/gzip',
      'content-disposition': disposition(dataset.name),
      'content-length': String(range ? range.end - range.start + 1 : size),
      etag: `"${dataset.sha256}"`,
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${size}` } : {}),
    },
  })
}

/** One range or none; what is no range is ignored, as the RFC has it, and what lies beyond the end is refused. */
function parseRange(header: string | null, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return null
  const [first, last] = [match[1]!, match[2]!]
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (start <= end) return { start, end }
  throw new AppError('invalid', {
    code: 'range_not_satisfiable',
    message: 'The range lies beyond the end',
    details: `The object has ${size} bytes.`,
  })
}

function disposition(name: string): string {
  const ascii = name.replace(/[^\w .-]+/g, '_').slice(0, 100)
  return `attachment; filename="${ascii}.jsonl.gz"; filename*=UTF-8''${encodeURIComponent(`${name}.jsonl.gz`).replace(/['()*]/g, escapeByte)}`
}

const escapeByte = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
