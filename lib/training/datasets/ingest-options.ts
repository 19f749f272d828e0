import type { IngestOptions } from '#lib/ingest/ingest.types.ts'
import type { Services } from '#lib/services.ts'
import type { UploadFields } from '#lib/training/dataset.types.ts'

/** What an upload's fields and the deployment's limits say to ingest. */
export function ingestOptionsOf(
  { settings }: Pick<Services, 'settings'>,
  fields: UploadFields,
  fileName: string | null,
): IngestOptions {
  return {
    declaredFormat: fields.format,
    onError: fields.on_error,
    onSecret: fields.on_secret,
    split: fields.split,
    contextLength: fields.context_length,
    fileName: fileName ?? undefined,
    limits: {
      rowBytesMax: settings.INGEST_ROW_BYTES_MAX,
      inflatedBytesMax: settings.INGEST_INFLATED_BYTES_MAX,
      inflationRatioMax: settings.INGEST_INFLATION_RATIO_MAX,
      depthMax: settings.INGEST_DEPTH_MAX,
      parquetGroupBytesMax: settings.INGEST_PARQUET_GROUP_BYTES_MAX,
    },
  }
}
