import { z } from 'zod'
import { storedTextSchema } from '#lib/db/stored-text.types.ts'
import { storageProviderSchema } from '#lib/storage/storage-provider.types.ts'

/** Row formats that are recognised; `lib/ingest/formats/` has one file for each. */
export const datasetFormats = [
  'chatml',
  'sharegpt',
  'alpaca',
  'openorca',
  'unnatural',
  'prompt_completion',
  'dpo',
  'kto',
  'rlhf',
  'raw_text',
  'jsonl',
] as const
export const datasetFormatSchema = z.enum(datasetFormats)
export type DatasetFormat = z.infer<typeof datasetFormatSchema>

export const declaredFormatSchema = z.enum(['auto', ...datasetFormats])
export type DeclaredFormat = z.infer<typeof declaredFormatSchema>

/** The shapes that rows are stored in, whatever they came as. Training methods ask for one of these. */
export const canonicalShapes = ['chat', 'preference', 'kto', 'reward', 'text', 'rows'] as const
export type CanonicalShape = (typeof canonicalShapes)[number]

export const canonicalShapeOf = {
  chatml: 'chat',
  sharegpt: 'chat',
  alpaca: 'chat',
  openorca: 'chat',
  unnatural: 'chat',
  prompt_completion: 'chat',
  dpo: 'preference',
  kto: 'kto',
  rlhf: 'reward',
  raw_text: 'text',
  jsonl: 'rows',
} as const satisfies Record<DatasetFormat, CanonicalShape>

export const datasetStatuses = ['uploading', 'ready', 'failed', 'deleting'] as const
export const datasetStatusSchema = z.enum(datasetStatuses)
export type DatasetStatus = z.infer<typeof datasetStatusSchema>

/** One thing wrong with one place of an input file. */
export const problemSchema = z.object({
  /** Physical line (1-based) for line formats and CSV, element index (0-based) for JSON arrays. */
  line: z.number().int().nullable(),
  index: z.number().int().nullable(),
  /** JSON pointer into the row; empty for the row itself. */
  pointer: z.string(),
  /** Stable id of the rule that was broken, such as `messages.role`. */
  rule: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  /** What would be right. */
  expected: z.string(),
})
export type Problem = z.infer<typeof problemSchema>

/** A line of the file of problems: a row of the input that has some, and its text as it came. */
export const problemRowSchema = z.object({
  line: z.number().int().nullable(),
  index: z.number().int().nullable(),
  problems: z.array(problemSchema.omit({ line: true, index: true })),
  /** Further problems of the same row, counted only. */
  more_problems: z.number().int().optional(),
  /** Null where the problem is the file's. */
  raw: z.string().nullable(),
  /** The row is longer; this is its beginning. */
  raw_cut: z.literal(true).optional(),
  /** What looked like a key, a card number or an e-mail address was replaced by a word in brackets. */
  redacted: z.literal(true).optional(),
})
export type ProblemRow = z.infer<typeof problemRowSchema>

const histogramSchema = z.object({
  /** Upper bounds, inclusive, of all buckets but the last, which is open. */
  bounds: z.array(z.number()),
  counts: z.array(z.number().int()),
})

export const datasetStatisticsSchema = z.object({
  rows: z.number().int(),
  characters: z.number().int(),
  turns: z.number().int(),
  /** Turns by role. */
  roles: z.record(z.string(), z.number().int()),
  avg_input_length: z.number(),
  avg_output_length: z.number(),
  longest_row_characters: z.number().int(),
  multimodal_parts: z.number().int(),
  /** Row lengths in characters. */
  length_histogram: histogramSchema,
  /** Tokens, counted in a sample of rows. Absent of datasets from before they were counted. */
  tokens: z
    .object({
      tokenizer: z.string(),
      total: z.number().int(),
      characters_per_token: z.number(),
      sampled_rows: z.number().int(),
      /** The total is right to this share with 95 % confidence; 0 when every row was counted. */
      error_ratio: z.number(),
      /** What the caller asked to compare rows with; it is in `rows_over` too. */
      context_length: z.number().int().optional(),
      /** Rows that are longer than a context of so many tokens, by their characters and the mean of the sample. */
      rows_over: z.array(z.object({ context: z.number().int(), rows: z.number().int() })),
    })
    .nullable()
    .optional(),
  duplicates: z
    .object({
      /** Rows that came before, letter for letter. */
      exact_rows: z.number().int(),
      /** Share of the rows that this was counted in; below 1 it is an estimate. */
      exact_share: z.number(),
      /** Rows that came before but for case, spaces, punctuation and digits. */
      near_rows: z.number().int(),
      /** How many rows, from the first, were compared for that. */
      near_compared_rows: z.number().int(),
    })
    .optional(),
})
export type DatasetStatistics = z.infer<typeof datasetStatisticsSchema>

/** How long the rows with problems can be taken away. */
export const problemRowsDays = 7

/** Where the rows are that had problems, each with its text. */
export const problemsFileSchema = z.object({
  /** A path of ours: JSON Lines, see `problemRowSchema`. */
  url: z.string(),
  rows: z.number().int(),
  /** Further rows that found no room in it. */
  rows_left_out: z.number().int(),
  expires_at: z.iso.datetime(),
})
export type ProblemsFile = z.infer<typeof problemsFileSchema>

/** What ingest found out about a file; given back with the upload and kept with the dataset. */
export const ingestReportSchema = z.object({
  format: datasetFormatSchema.nullable(),
  container: z.enum(['jsonl', 'json', 'csv', 'tsv', 'text', 'parquet']).nullable(),
  compression: z.enum(['none', 'gzip', 'zstd']),
  encoding: z.string(),
  rows_read: z.number().int(),
  rows_stored: z.number().int(),
  rows_skipped: z.number().int(),
  problems: z.array(problemSchema),
  /** Every problem counted, by rule. */
  problem_counts: z.record(z.string(), z.number().int()),
  statistics: datasetStatisticsSchema.nullable(),
  /** Things the owner should know that are nobody's fault, in whole sentences. */
  notes: z.array(z.string()),
})
export type IngestReport = z.infer<typeof ingestReportSchema>

/** A JSON value as it comes out of a dataset's rows. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

export const datasetMetadataSchema = z.object({
  original_name: z.string().optional(),
  report: ingestReportSchema.optional(),
  problems_file: problemsFileSchema.optional(),
})

export const datasetSchema = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  config_id: z.uuid().nullable(),
  name: z.string(),
  description: z.string().nullable(),
  format: datasetFormatSchema.nullable(),
  status: datasetStatusSchema,
  storage_provider: storageProviderSchema,
  storage_bucket: z.string().nullable(),
  storage_region: z.string().nullable(),
  storage_endpoint: z.string().nullable(),
  storage_path: z.string().nullable(),
  file_size_bytes: z.number().int().nullable(),
  raw_size_bytes: z.number().int().nullable(),
  sha256: z.string().nullable(),
  total_examples: z.number().int().nullable(),
  avg_input_length: z.number().nullable(),
  avg_output_length: z.number().nullable(),
  metadata: datasetMetadataSchema,
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})
export type Dataset = z.infer<typeof datasetSchema>

export const datasetNameMax = 200
export const datasetNameSchema = z
  .string()
  .trim()
  .min(1, 'Give the dataset a name')
  .max(datasetNameMax, `At most ${datasetNameMax} characters`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/u, 'No line breaks or control characters')
export const datasetDescriptionSchema = storedTextSchema.trim().max(2000, 'At most 2000 characters')

/** Longer than any model reads. */
export const contextLengthMax = 100_000_000

/** The text fields of the upload form; the file itself is streamed. */
export const uploadFieldsSchema = z.object({
  name: datasetNameSchema.optional(),
  description: datasetDescriptionSchema.optional(),
  format: declaredFormatSchema.default('auto'),
  storage_provider: storageProviderSchema.optional(),
  config_id: z.uuid().optional(),
  on_error: z.enum(['refuse', 'skip']).default('refuse'),
  on_secret: z.enum(['warn', 'refuse']).default('warn'),
  split: z.enum(['line', 'paragraph', 'document']).optional(),
  /** In tokens: how many rows are longer, says the report. */
  context_length: z.coerce.number<string | number>().int().min(1).max(contextLengthMax).optional(),
  /** What to do when the store holds the same bytes as another dataset of the user's. */
  on_duplicate: z.enum(['ask', 'keep']).optional(),
})
export type UploadFields = z.infer<typeof uploadFieldsSchema>

export const uploadResultSchema = z.object({
  dataset: datasetSchema,
  report: ingestReportSchema,
  problems_file: problemsFileSchema.nullable().optional(),
  /** An older dataset of the user's that holds the very same bytes in the same store. */
  duplicate_of: datasetSchema.pick({ id: true, name: true }).nullable().optional(),
})
export type UploadResult = z.infer<typeof uploadResultSchema>

export const datasetListQuerySchema = z.object({
  provider: storageProviderSchema.optional(),
  format: datasetFormatSchema.optional(),
  search: storedTextSchema.trim().max(200).optional(),
  sort: z.enum(['created_at', 'name', 'size', 'examples']).default('created_at'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
})

export const datasetListSchema = z.object({
  datasets: z.array(datasetSchema),
  /** How many datasets match in all, not only on this page. */
  count: z.number().int(),
  provider: storageProviderSchema.nullable(),
  /** How many each store holds, before the provider filter. */
  provider_counts: z.record(storageProviderSchema, z.number().int()),
  next_cursor: z.string().nullable(),
})
export type DatasetList = z.infer<typeof datasetListSchema>

export const datasetPatchSchema = z
  .object({
    name: datasetNameSchema,
    description: datasetDescriptionSchema.nullable(),
    config_id: z.uuid().nullable(),
  })
  .partial()
  .strict()

export const rowsQuerySchema = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})
export const rowsSchema = z.object({
  rows: z.array(z.custom<JsonValue>()),
  offset: z.number().int(),
  total: z.number().int(),
})

export const downloadUrlRequestSchema = z.object({
  /** At most 2; the default is 2 too. */
  expiry_hours: z.number().positive().max(2).default(2),
})
export const downloadUrlSchema = z.object({
  url: z.url(),
  token: z.enum(['supabase-signed', 's3-presigned', 'local-signed']),
  expires_at: z.iso.datetime(),
})

/** What the screen needs to offer or grey out one store. */
export const storageOptionSchema = z.object({
  provider: storageProviderSchema,
  label: z.string(),
  available: z.boolean(),
  reason: z.string().nullable(),
  /** Where to set up what is missing: a path of ours. */
  fix_url: z.string().nullable(),
  is_default: z.boolean(),
  /** Whether results of trainings go there where nobody chose. */
  is_artifact_default: z.boolean(),
})
export type StorageOption = z.infer<typeof storageOptionSchema>
