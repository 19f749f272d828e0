import type { Services } from '#lib/services.ts'
import { type Job, type LogLine, metricPointSchema, type Report } from '#lib/training/job.types.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import { reportJob } from './report-job.ts'

const marker = 'finetunelab '

/**
 * News of a job that cannot reach us: what its runner printed, read from the provider's log since the last time. Lines
 * for us become metrics and states, the others its log.
 */
export async function readProviderLog(
  services: Pick<Services, 'db' | 'takeReport'>,
  launcher: Launcher,
  job: Job,
): Promise<void> {
  const launch = await services.db.service
    .selectFrom('training_job_launches')
    .select('log_cursor')
    .where('job_id', '=', job.id)
    .executeTakeFirst()
  const log = await launcher.logs(job, launch?.log_cursor ?? null)
  if (!log || log.lines.length === 0) return
  await reportJob(services, job, reportOf(log.lines))
  await services.db.service
    .updateTable('training_job_launches')
    .set({ log_cursor: log.cursor })
    .where('job_id', '=', job.id)
    .execute()
}

/** The end is left to `inspect`, which knows whether the machine is gone as well. */
export function reportOf(lines: readonly LogLine[]): Report {
  const news = lines.filter(({ line }) => line.startsWith(marker)).map(({ line }) => newsIn(line))
  const metrics = news.flatMap((item) => {
    const point = item?.type === 'metrics' ? metricPointSchema.safeParse(item.data) : null
    return point?.success ? [point.data] : []
  })
  const logs = lines.filter(({ line }) => !line.startsWith(marker))
  const runs = news.some((item) => item?.type === 'status' && item.status === 'running') || metrics.length > 0
  return {
    ...(runs ? { status: 'running' as const } : {}),
    ...(metrics.length > 0 ? { metrics } : {}),
    ...(logs.length > 0 ? { logs } : {}),
  }
}

function newsIn(line: string): { type?: unknown; status?: unknown; data?: unknown } | null {
  try {
    return JSON.parse(line.slice(marker.length))
  } catch {
    return null
  }
}
