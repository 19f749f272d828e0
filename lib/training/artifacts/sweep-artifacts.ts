import type { Services } from '#lib/services.ts'
import { writerSilent } from '../writer-turn.ts'
import { artifactColumns } from './artifact-row.ts'
import { removeArtifactSoon } from './remove-artifact.ts'

const atOnce = 100

/** Removes what nobody comes back for: artifacts of deleted jobs, unfinished ones of jobs that ended, unfinished removals. */
export async function sweepArtifacts(
  services: Pick<Services, 'db' | 'stores' | 'storageAccess' | 'log'>,
): Promise<{ removed: number }> {
  const rows = await services.db.service
    .selectFrom('training_job_artifacts as a')
    .leftJoin('training_jobs as j', 'j.id', 'a.job_id')
    .select(artifactColumns.map((column) => `a.${column}` as const))
    .where((eb) =>
      eb.or([
        eb('a.job_id', 'is', null),
        eb('a.status', '=', 'removing'),
        eb.and([
          eb('a.status', '=', 'receiving'),
          eb('j.ended_at', 'is not', null),
          eb.or([eb('a.writer_id', 'is', null), eb('a.writer_seen_at', '<', writerSilent)]),
        ]),
      ]),
    )
    // What could not be removed was touched by the attempt, and comes last.
    .orderBy('a.updated_at')
    .limit(atOnce)
    .execute()
  let removed = 0
  for (const row of rows) if (await removeArtifactSoon(services, row)) removed += 1
  return { removed }
}
