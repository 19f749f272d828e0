import { StorageClient } from '@supabase/storage-js'
import { type SupabaseDouble, type SupabaseProject, startSupabaseDouble } from './start-supabase-double.ts'

export interface SupabaseUnderTest extends SupabaseProject {
  /** Set when this is the stand-in; a real project gives no such handles. */
  double: SupabaseDouble | null
}

/** The project that the tests run against: the one that `TEST_SUPABASE_URL` names, else the stand-in. */
export async function startSupabase(): Promise<SupabaseUnderTest> {
  const url = process.env.TEST_SUPABASE_URL
  if (!url) {
    const double = await startSupabaseDouble()
    return { ...double, double }
  }
  const project = {
    url,
    anonKey: process.env.TEST_SUPABASE_ANON_KEY ?? '',
    serviceRoleKey: process.env.TEST_SUPABASE_SERVICE_ROLE_KEY ?? '',
    jwtSecret: process.env.TEST_SUPABASE_JWT_SECRET ?? '',
  }
  await makeBucket(project)
  return { ...project, double: null, close: async () => {} }
}

async function makeBucket({ url, serviceRoleKey }: { url: string; serviceRoleKey: string }): Promise<void> {
  const headers = { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}` }
  const storage = new StorageClient(`${url}/storage/v1`, headers)
  const found = await storage.getBucket('training-datasets')
  if (found.error) await storage.createBucket('training-datasets', { public: false })
}
