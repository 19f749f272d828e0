import { jsonText } from '#lib/db/json-text.ts'
import type { IngestResult } from '#lib/ingest/ingest.types.ts'
import type { Dataset, ProblemsFile } from '#lib/training/dataset.types.ts'

/** What a dataset's row says once its file has been through ingest. */
export function ingestedValues(
  result: IngestResult,
  metadata: Dataset['metadata'],
  problems_file: ProblemsFile | null,
) {
  const { report } = result
  return {
    status: 'ready' as const,
    format: report.format,
    file_size_bytes: result.storedSizeBytes,
    raw_size_bytes: result.rawSizeBytes,
    sha256: result.sha256,
    total_examples: report.rows_stored,
    avg_input_length: report.statistics?.avg_input_length ?? null,
    avg_output_length: report.statistics?.avg_output_length ?? null,
    metadata: jsonText({ ...metadata, report, ...(problems_file ? { problems_file } : {}) }),
  }
}
