import { datasetNameMax } from '#lib/training/dataset.types.ts'

const endings = /(\.(jsonl|ndjson|json|csv|tsv|parquet|txt|md))?(\.(gz|zst))?$/i

/** A first name for a dataset: the file's, without its endings and with words apart. */
export function nameFromFile(fileName: string): string {
  const words = fileName
    .replace(endings, '')
    .replaceAll(/[_\s]+/g, ' ')
    .trim()
  return Array.from(words).slice(0, datasetNameMax).join('')
}
