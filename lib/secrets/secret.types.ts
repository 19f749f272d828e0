import { z } from 'zod'
import { storedTextSchema } from '#lib/db/stored-text.types.ts'

/** Whose keys the vault keeps. Names are exact and lower case. */
export const secretProviders = ['aws', 'runpod', 'lambda', 'huggingface'] as const
export const secretProviderSchema = z.enum(secretProviders)
export type SecretProvider = z.infer<typeof secretProviderSchema>

export const secretProviderLabels = {
  aws: 'AWS',
  runpod: 'RunPod',
  lambda: 'Lambda',
  huggingface: 'Hugging Face',
} as const satisfies Record<SecretProvider, string>

/** Printable, and without the blanks and line ends that copying brings along. */
const keyText = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'Paste the key')
    .max(max, `At most ${max} characters`)
    .regex(/^[\x21-\x7e]+$/, 'A key has no spaces, line breaks or accents')
/** A field of a form that was left empty is a field that was not given. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional())

const regionDefault = 'us-east-1'
const awsPlaceSchema = z.object({
  region: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9-]{1,40}$/, 'A region such as us-east-1')
    .default(regionDefault),
  s3_bucket: z
    .string()
    .trim()
    .regex(
      /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/,
      'The name of a bucket, without s3:// and folders',
    ),
  endpoint: optional(
    z
      .url({ protocol: /^https?$/, error: 'An address such as https://s3.example.com' })
      .transform((url) => url.replace(/\/+$/, '')),
  ),
  force_path_style: z.boolean().optional(),
  iam_role_arn: optional(
    z
      .string()
      .trim()
      .regex(
        /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
        'An ARN such as arn:aws:iam::123456789012:role/name',
      ),
  ),
})

const lambdaSchema = z.object({
  ssh_key_name: z.string().trim().min(1, 'The name of an SSH key at Lambda').max(200),
})
const huggingfaceSchema = z.object({
  username: optional(
    z
      .string()
      .trim()
      .max(100)
      .regex(/^[\w.-]+$/, 'A name of a user or an organisation'),
  ),
})

/** What a card of the settings page shows of a provider's further fields: all that is not secret. */
export const shownMetadataSchema = z.object({
  aws: awsPlaceSchema.optional(),
  lambda: lambdaSchema.partial().optional(),
  huggingface: huggingfaceSchema.optional(),
})
export type ShownMetadata = z.infer<typeof shownMetadataSchema>

const description = optional(storedTextSchema.trim().max(500, 'At most 500 characters'))

/** What `PUT /api/secrets/{provider}` takes, for each provider. */
export const secretInputSchemas = {
  aws: z.object({
    /** The access key id. */
    api_key: keyText(128),
    description,
    metadata: z.object({ aws: awsPlaceSchema.extend({ secret_access_key: keyText(256) }) }),
  }),
  runpod: z.object({ api_key: keyText(512), description, metadata: z.object({}).optional() }),
  lambda: z.object({ api_key: keyText(512), description, metadata: z.object({ lambda: lambdaSchema }) }),
  huggingface: z.object({
    api_key: keyText(512),
    description,
    metadata: z.object({ huggingface: huggingfaceSchema.optional() }).optional(),
  }),
} as const satisfies Record<SecretProvider, z.ZodType>

/** The same without keys, for what keeps those that lie in the vault: AWS, for one, shows a secret access key only once. */
export const secretChangeSchemas = {
  aws: secretInputSchemas.aws.omit({ api_key: true }).extend({
    metadata: z.object({ aws: awsPlaceSchema.extend({ secret_access_key: optional(keyText(256)) }) }),
  }),
  runpod: secretInputSchemas.runpod.omit({ api_key: true }),
  lambda: secretInputSchemas.lambda.omit({ api_key: true }),
  huggingface: secretInputSchemas.huggingface.omit({ api_key: true }),
} as const satisfies Record<SecretProvider, z.ZodType>

/** The body as the contract publishes it; each provider's own schema then says what it needs. */
export const secretInputSchema = z.object({
  /** Left out: the key that is there stays, with `metadata.aws.secret_access_key` where that is left out too. */
  api_key: z.string().optional(),
  description: z.string().nullish(),
  metadata: z.record(z.string(), z.unknown()).optional(),
})
export type SecretInput = z.input<typeof secretInputSchema>

/** Opened from the vault, for the one call that needs it; never logged, never sent to a browser or a GPU. */
export interface OpenedSecret {
  provider: SecretProvider
  apiKey: string
  /** As it was put in, `metadata.aws.secret_access_key` included. */
  metadata: SecretMetadata
}

export interface SecretMetadata {
  readonly aws?: z.output<typeof awsPlaceSchema> & { secret_access_key: string }
  readonly lambda?: z.output<typeof lambdaSchema>
  readonly huggingface?: z.output<typeof huggingfaceSchema>
  readonly [other: string]: unknown
}

/** What the bucket doctor learned about a store; the S3 adapter goes by it. */
export const s3LearnedSchema = z.object({
  force_path_style: z.boolean(),
  checksum_mode: z.enum(['sha256', 'none']),
  conditional_writes: z.boolean(),
})
export const lastTestSchema = z.object({
  ok: z.boolean(),
  at: z.iso.datetime(),
  learned: s3LearnedSchema.optional(),
})
export type LastTest = z.infer<typeof lastTestSchema>

/** Who would miss a secret. */
export const secretNeedsSchema = z.object({
  datasets: z.array(z.object({ id: z.uuid(), name: z.string(), place: z.string() })),
  dataset_count: z.number().int(),
  jobs: z.array(z.object({ id: z.uuid(), name: z.string(), status: z.string() })),
  job_count: z.number().int(),
  /** Checkpoints and results of trainings, those of deleted jobs too. */
  artifacts: z.array(
    z.object({ id: z.uuid(), name: z.string(), place: z.string(), job_id: z.uuid().nullable() }),
  ),
  artifact_count: z.number().int(),
  /** Uploads that are not done. */
  uploads: z.array(z.object({ id: z.uuid(), name: z.string(), place: z.string() })),
  upload_count: z.number().int(),
})
export type SecretNeeds = z.infer<typeof secretNeedsSchema>

export const needsCount = (needs: SecretNeeds): number =>
  needs.job_count + needs.dataset_count + needs.artifact_count + needs.upload_count

/** A secret as the API shows it: never the key itself. */
export const secretSchema = z.object({
  provider: secretProviderSchema,
  label: z.string(),
  /** The first and last characters of `api_key`, to recognise it by. */
  preview: z.string(),
  description: z.string().nullable(),
  metadata: shownMetadataSchema,
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().nullable(),
  last_test: lastTestSchema.nullable(),
  /** Why it cannot be opened, and what to do; null where it can. */
  problem: z.string().nullable(),
  needed_by: secretNeedsSchema,
})
export type Secret = z.infer<typeof secretSchema>
export const secretListSchema = z.object({ secrets: z.array(secretSchema) })
export type SecretList = z.infer<typeof secretListSchema>

/** What a connection test found, one line a step. */
export const testStepSchema = z.object({
  id: z.string(),
  label: z.string(),
  status: z.enum(['pass', 'fail', 'skipped']),
  meaning: z.string(),
  fix: z.string().nullable(),
})
export const secretTestSchema = z.object({
  ok: z.boolean(),
  steps: z.array(testStepSchema),
  /** Texts to copy: a policy, a rule, a command. */
  advice: z.array(z.object({ id: z.string(), title: z.string(), text: z.string() })),
})
export type SecretTest = z.infer<typeof secretTestSchema>

export const secretDeletedSchema = z.object({
  deleted: z.literal(true),
  provider: secretProviderSchema,
  /** What was left without a key. */
  needed_by: secretNeedsSchema,
})

/** What `npm run secrets:rotate` did. */
export const rotationSchema = z.object({
  key_added: z.boolean(),
  resealed: z.number().int(),
  /** Were sealed with the newest key already. */
  up_to_date: z.number().int(),
  /** Could not be opened, and stay as they are; `provider` may be the environment of a job. */
  unreadable: z.array(z.object({ user_id: z.string(), provider: z.string(), code: z.string() })),
})
export type Rotation = z.infer<typeof rotationSchema>
