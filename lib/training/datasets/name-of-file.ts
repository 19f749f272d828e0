/** The file's own name without its folders and endings, as a first name for the dataset. */
export function nameOfFile(fileName: string | null): string {
  const base = (fileName ?? '').split(/[\\/]/).at(-1) ?? ''
  const bare = base
    .replace(/(\.(jsonl|ndjson|json|csv|tsv|parquet|txt|md|gz|zst))+$/i, '')
    .replace(/\p{Cc}/gu, '')
    .trim()
  return bare.slice(0, 200) || 'Untitled dataset'
}
