import { type AppError, isAppError } from '#lib/errors/app-error.ts'
import {
  clockMeaning,
  DoctorFinding,
  type DoctorReport,
  type PlannedStep,
  runDoctorSteps,
} from '../bucket-doctor.ts'
import type { StorageService } from '../storage-service.ts'
import {
  createSupabaseStorageService,
  type SupabaseStorageOptions,
  supabaseBucket,
  supabaseHeaders,
} from '../supabase-storage-service.ts'
import { supabaseError } from './errors.ts'
import { supabaseChunkBytes } from './resumable-upload.ts'

export interface SupabaseDoctorOptions extends SupabaseStorageOptions {
  /** Folder in which the caller may write: a user's own id, anything for the service. */
  folder: string
  signal?: AbortSignal
  now?: () => Date
}

const smallBody = Buffer.from('FineTune Lab was here.')

const fixes: Record<string, string> = {
  storage_unreachable: 'Check SUPABASE_URL and whether the project is paused.',
  storage_credentials_refused:
    'Copy the keys again from Project Settings > API; they have to belong to the project that SUPABASE_URL names.',
  bucket_not_found: `Create a private bucket named ${supabaseBucket}; the migrations do it.`,
  object_too_large: 'Raise the upload limit under Storage > Settings, and that of the bucket.',
  content_type_refused: 'Let the bucket take application/gzip, or any type.',
  storage_full: 'Make room in the project, or move it to a larger plan.',
  storage_busy: 'Wait a little and test again.',
}

/** Tries on a scratch object everything that FineTune Lab does with the bucket; removes it whatever happens. */
export async function examineSupabaseBucket(
  options: SupabaseDoctorOptions,
): Promise<DoctorReport<Record<string, never>>> {
  const { signal, now = () => new Date(), folder } = options
  const storage = createSupabaseStorageService(options)
  const key = `${folder}/finetunelab-doctor/${crypto.randomUUID()}`
  const largeKey = `${key}-large`
  const headers = () => supabaseHeaders(options)
  const base = `${options.url.replace(/\/+$/, '')}/storage/v1`
  let date: string | null = null

  const put = (target: string, bytes: Uint8Array) =>
    storage.put(target, once(bytes), { contentType: 'application/gzip', signal })
  const may = (verb: string) => (error: AppError) =>
    error.code === 'storage_denied'
      ? {
          meaning: `The policies of the bucket do not let you ${verb} below ${folder}/.`,
          fix: 'Make the policies: run supabase/migrations/20251228000000_supabase_storage.sql in the SQL editor of the project.',
        }
      : null

  const plan: PlannedStep[] = [
    {
      id: 'reach',
      label: 'Reach the project',
      async run() {
        const answer = await named(() => fetch(`${base}/bucket`, { signal }))
        await answer.body?.cancel()
        date = answer.headers.get('date')
        return `${new URL(base).host} answers (HTTP ${answer.status}).`
      },
    },
    {
      id: 'clock',
      label: 'Compare the clocks',
      needs: ['reach'],
      run: async () => clockMeaning(date, now()),
    },
    {
      id: 'credentials',
      label: 'Sign in and find the bucket',
      needs: ['reach'],
      async run() {
        await storage.probe({ signal })
        return 'The key is known and the bucket can be listed.'
      },
    },
    {
      id: 'private',
      label: 'The bucket is private',
      needs: ['credentials'],
      run: () =>
        isPrivate(`${base}/bucket/${options.bucket ?? supabaseBucket}`, options.actsAs, headers, signal),
    },
    {
      id: 'put',
      label: 'Store an object',
      needs: ['credentials'],
      async run() {
        await put(key, smallBody)
        return 'An object can be stored.'
      },
      explain: may('store objects'),
    },
    {
      id: 'head',
      label: 'Look it up',
      needs: ['put'],
      async run() {
        const found = await storage.head(key, { signal })
        if (found?.sizeBytes === smallBody.byteLength) return 'Its size is right.'
        throw new DoctorFinding(
          'The object was stored but cannot be seen.',
          'Add a policy for SELECT on storage.objects; the migrations have it.',
        )
      },
    },
    { id: 'range', label: 'Read a part of it', needs: ['head'], run: () => readRange(storage, key, signal) },
    {
      id: 'signed',
      label: 'Read it by a signed link',
      needs: ['head'],
      async run() {
        const { url } = await storage.signDownload(key, { expiresSeconds: 60, signal })
        const answer = await named(() => fetch(url, { signal }))
        if (Buffer.from(await answer.arrayBuffer()).equals(smallBody))
          return 'A signed link hands the object out.'
        throw new DoctorFinding(
          `The project answered HTTP ${answer.status} to a signed link.`,
          'Check that SUPABASE_URL is the address that pods can reach too.',
        )
      },
    },
    {
      id: 'resumable',
      label: 'Store a large object in chunks',
      needs: ['put'],
      async run() {
        await put(largeKey, Buffer.alloc(supabaseChunkBytes + 1))
        return 'Large objects can be stored in chunks of 6 MiB.'
      },
      explain: may('store objects'),
    },
    {
      id: 'delete',
      label: 'Delete',
      needs: ['head'],
      async run() {
        const { removed } = await storage.delete(key, { signal })
        if (removed) return 'Objects can be deleted.'
        throw new DoctorFinding('The project removed nothing.', 'Add a policy for DELETE on storage.objects.')
      },
      explain: may('delete objects'),
    },
  ]

  const steps = await runDoctorSteps(plan, fixes)
  for (const scratch of [key, largeKey]) await storage.delete(scratch).catch(() => {})
  signal?.throwIfAborted()
  return { ok: steps.every(({ status }) => status === 'pass'), steps, learned: {}, advice: [] }
}

async function readRange(storage: StorageService, key: string, signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await storage.getRange(key, { start: 2, end: 9 }, { signal })) chunks.push(chunk)
  if (Buffer.concat(chunks).equals(smallBody.subarray(2, 10))) return 'Ranges work.'
  throw new DoctorFinding(
    'Other bytes came back than were asked for.',
    'Look for a proxy before the project that drops the Range header.',
  )
}

async function isPrivate(
  address: string,
  actsAs: 'service' | 'user',
  headers: () => Promise<Record<string, string>>,
  signal?: AbortSignal,
): Promise<string> {
  if (actsAs === 'user') return 'Users cannot look at a bucket’s settings; the operator’s test does.'
  const answer = await named(async () => fetch(address, { headers: await headers(), signal }))
  const bucket = (await answer.json()) as { public?: boolean }
  if (bucket.public !== true) return 'Nobody reads without a signed link.'
  throw new DoctorFinding(
    'The bucket is public: whoever knows an address can read the dataset.',
    'Make the bucket private under Storage > Buckets.',
  )
}

async function named<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const name = supabaseError(error)
    throw isAppError(name) ? name : error
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
