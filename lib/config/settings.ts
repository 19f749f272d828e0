import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { misconfigured } from '#lib/errors/app-error.ts'
import { storageProviderSchema } from '#lib/storage/storage-provider.types.ts'
import { type LauncherId, launcherFacts, launcherIds } from '#lib/training/launchers/all-facts.types.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const bytes = z.coerce.number().int().positive()
const flag = z.stringbool()
const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''))

type Addresses = NonNullable<(typeof launcherFacts)[LauncherId]['address']>

/** Another address for each provider that has one: a proxy, or a test server. */
const providerAddresses = Object.fromEntries(
  launcherIds.flatMap((id) => {
    const { address } = launcherFacts[id]
    return address
      ? [[address.setting, httpUrl.optional().describe(`Another address for ${address.of}`)]]
      : []
  }),
) as Record<Addresses['setting'], z.ZodOptional<typeof httpUrl>>

/** Every setting, with its meaning, in the order of `.env.example`, which `scripts/env-example.ts` makes from this. */
export const settingsSchema = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1').describe('Listen address'),
    PORT: port.default(3000).describe('Listen port'),
    DATA_DIR: z.string().min(1).default('./.data').describe('Embedded database, local store, key file, logs'),
    DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/ })
      .optional()
      .describe('A real PostgreSQL (Supabase included) instead of the embedded one'),
    SUPABASE_URL: httpUrl.optional().describe('Turns on Supabase Storage, with the two keys below'),
    SUPABASE_ANON_KEY: z.string().min(1).optional().describe("The project's anon key"),
    SUPABASE_SERVICE_ROLE_KEY: z
      .string()
      .min(1)
      .optional()
      .describe("The project's service-role key; never leaves the server"),
    SUPABASE_JWT_SECRET: z
      .string()
      .min(1)
      .optional()
      .describe(
        'With AUTH=supabase: the secret of a project that signs access tokens with HS256; unset, the project is asked about each',
      ),
    SUPABASE_JWT_ISSUER: z
      .string()
      .min(1)
      .optional()
      .describe('With AUTH=supabase: what access tokens name as their issuer; unset: SUPABASE_URL/auth/v1'),
    AUTH: z.enum(['local', 'supabase']).default('local').describe('Accounts of our own, or Supabase Auth'),
    SECRETS_KEY: z
      .string()
      .min(1)
      .optional()
      .describe('base64, 32 bytes; older keys may follow, comma-separated. Made on first start when unset'),
    APP_BASE_URL: httpUrl.optional().describe('The address at which pods can reach this application'),
    TRUST_PROXY: flag
      .default(false)
      .describe(
        'A proxy of yours stands in front: take the address of a client from the last entry of X-Forwarded-For',
      ),
    OWNER_TOKEN: z
      .string()
      .min(16, 'at least 16 characters')
      .optional()
      .describe('Accepted as an API token of the owner, who is created if absent'),
    WORKERS: z.coerce
      .number()
      .int()
      .min(1)
      .max(256)
      .default(availableParallelism())
      .describe('Ingest threads; unset: the processors available'),
    ALLOW_PRIVATE_ADDRESSES: flag
      .default(false)
      .describe('Let addresses that users type point into private or loopback ranges'),
    ...providerAddresses,
    RECONCILE_SECONDS: z.coerce
      .number()
      .min(0.2)
      .max(3600)
      .default(60)
      .describe('How often each provider is asked what runs there'),
    LAUNCH_SETTLE_SECONDS: z.coerce
      .number()
      .min(0)
      .max(3600)
      .default(60)
      .describe('How long an unanswered launch may still turn up at the provider before it is asked again'),
    LAUNCH_RETRY_SECONDS: z.coerce
      .number()
      .min(0.2)
      .max(3600)
      .default(15)
      .describe('First pause when a provider has no room; it doubles, up to five minutes'),
    ARTIFACT_STORAGE_PROVIDER: storageProviderSchema
      .default('local')
      .describe(
        "Where checkpoints and results of trainings go whose launch names no store: local, supabase, or s3 with their owner's AWS key",
      ),
    ARTIFACT_BYTES_MAX: bytes
      .default(20 * 1024 ** 3)
      .describe('Largest file that a training may leave with us'),
    ARTIFACTS_BYTES_MAX: bytes
      .default(100 * 1024 ** 3)
      .describe('Most bytes that one training may leave with us'),
    UPLOADS_PER_MINUTE: z.coerce
      .number()
      .int()
      .positive()
      .default(600)
      .describe('Uploads that one account may begin in a minute'),
    INGEST_INFLATION_RATIO_MAX: z.coerce
      .number()
      .positive()
      .default(200)
      .describe('Largest ratio of unpacked to packed bytes of an upload'),
    INGEST_INFLATED_BYTES_MAX: bytes.default(1024 ** 4).describe('Most bytes that an upload may unpack to'),
    INGEST_ROW_BYTES_MAX: bytes.default(64 * 1024 ** 2).describe('Longest row of an upload, in bytes'),
    INGEST_DEPTH_MAX: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(200)
      .describe('Deepest nesting of a row'),
    INGEST_PARQUET_GROUP_BYTES_MAX: bytes
      .default(256 * 1024 ** 2)
      .describe('Largest row group of a Parquet file, uncompressed; one is in memory at a time'),
    TOKENIZER_FILE: z
      .string()
      .optional()
      .describe('A tokenizer.json to count tokens of datasets with, such as your base model has'),
    PYTHON: z.string().min(1).default('python3').describe('The Python that local trainings run on'),
    LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('How much the server says'),
  })
  .refine(
    (s) =>
      [s.SUPABASE_URL, s.SUPABASE_ANON_KEY, s.SUPABASE_SERVICE_ROLE_KEY].every((v) => !v) ||
      (s.SUPABASE_URL && s.SUPABASE_ANON_KEY && s.SUPABASE_SERVICE_ROLE_KEY),
    {
      path: ['SUPABASE_URL'],
      message:
        'SUPABASE_URL, SUPABASE_ANON_KEY and SUPABASE_SERVICE_ROLE_KEY go together: set all three or none',
    },
  )
  .refine((s) => s.AUTH === 'local' || s.SUPABASE_URL, {
    path: ['SUPABASE_URL'],
    message: 'AUTH=supabase needs it, with SUPABASE_ANON_KEY and SUPABASE_SERVICE_ROLE_KEY',
  })

export type Settings = z.infer<typeof settingsSchema>

/** Reads and checks the environment once; an empty variable counts as unset. Throws with each bad variable named. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = settingsSchema.safeParse(given)
  if (parsed.success) return { ...parsed.data, DATA_DIR: resolve(parsed.data.DATA_DIR) }
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw misconfigured('invalid_settings', 'A setting is wrong', lines)
}
