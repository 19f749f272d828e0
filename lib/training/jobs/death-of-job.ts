import type { Services } from '#lib/services.ts'
import type { Job, LogLine } from '#lib/training/job.types.ts'
import type { Launcher, Outcome } from '#lib/training/launchers/launcher.ts'

const lastLines = 20

/** What to say of a job whose machine is gone without a word: its last lines, from us or from the provider. */
export async function deathOf(
  services: Pick<Services, 'db'>,
  launcher: Launcher,
  job: Job,
): Promise<Outcome> {
  const ours = await lastLinesOf(services, job.id)
  const lines =
    ours.length > 0
      ? ours
      : await launcher.logs(job, null).then(
          (log) => log?.lines ?? [],
          () => [],
        )
  const tail = lines
    .slice(-lastLines)
    .map(({ line }) => line)
    .join('\n')
  const said = tail ? ` Its last lines:\n${tail}` : ' It had not said anything.'
  if (launcher.capabilities.onThisMachine) {
    const message = `The training process ended without a word.${said}`
    return { status: 'failed', error: { code: 'process_died', message } }
  }
  const message = `The machine is no longer there.${said}`
  return { status: 'lost', error: { code: 'machine_gone', message: message.slice(0, 8192) } }
}

async function lastLinesOf({ db }: Pick<Services, 'db'>, jobId: string): Promise<LogLine[]> {
  const batches = await db.service
    .selectFrom('training_job_events')
    .select('data')
    .where('job_id', '=', jobId)
    .where('type', '=', 'logs')
    .orderBy('id', 'desc')
    .limit(lastLines)
    .execute()
  return batches.reverse().flatMap(({ data }) => data as LogLine[])
}
