import type { User } from '#lib/auth/identity.ts'
import type { Services } from '#lib/services.ts'
import { serveObject } from '#lib/storage/serve-object.ts'
import { findArtifact, openArtifactStore } from './artifact-row.ts'

/** The bytes of an artifact, or the one range that is asked for, from whatever store holds them. */
export async function serveArtifact(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess'>,
  user: Pick<User, 'id'>,
  wanted: { jobId: string; name: string; rangeHeader: string | null; signal: AbortSignal },
): Promise<Response> {
  const row = await findArtifact(services, user.id, wanted.jobId, wanted.name)
  const object = {
    key: row.storage_path,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    contentType: row.name.endsWith('.tar') ? 'application/x-tar' : 'application/octet-stream',
    fileName: row.name,
  }
  return serveObject(await openArtifactStore(services, row), object, wanted)
}
