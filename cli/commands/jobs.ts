import { type Command, Option } from 'commander'
import { cancelJob, type JobListQuery, listJobs } from '#lib/client/jobs.ts'
import { formatRelative } from '#lib/display/time-format.ts'
import { jobStatuses } from '#lib/training/job.types.ts'
import { trainingProviders } from '#lib/training/training-config.types.ts'
import { plain, table } from '../output.ts'
import type { Action, Run } from '../program.ts'
import { wholeNumber } from './arguments.ts'
import { addArtifacts } from './job-artifacts.ts'

interface ListOptions {
  status?: JobListQuery['status']
  provider?: JobListQuery['provider']
  limit: number
}

export function addJobs(program: Command, run: Run): void {
  const jobs = program.command('jobs').description('list jobs, newest first; cancel them')
  jobs
    .command('ls', { isDefault: true })
    .description('list jobs, newest first')
    .addOption(new Option('--status <status>', 'only in this state').choices(jobStatuses))
    .addOption(new Option('--provider <provider>', 'only there').choices(trainingProviders))
    .option('--limit <count>', 'at most so many', wholeNumber(1), 20)
    .action(run(list))
  jobs
    .command('cancel')
    .description('cancel jobs; what they have learned by then is kept where the trainer keeps it')
    .argument('<jobs...>', 'their ids')
    .action(run(cancel))
  addArtifacts(jobs, run)
}

const list: Action<[], ListOptions> = async (context, { status, provider, limit }) => {
  const { jobs, count } = await listJobs(
    await context.api(),
    { status, provider, limit: Math.min(200, limit) },
    context.signal,
  )
  const now = new Date()
  const rows = jobs.map((job) => [
    job.id,
    job.status,
    plain(job.name),
    job.provider,
    job.progress
      ? `${job.progress.step}${job.progress.total_steps ? `/${job.progress.total_steps}` : ''}`
      : '-',
    typeof job.metrics?.loss === 'number' ? job.metrics.loss.toPrecision(4) : '-',
    formatRelative(new Date(job.created_at), now),
  ])
  const head = ['ID', 'STATUS', 'NAME', 'PROVIDER', 'STEP', 'LOSS', 'CREATED']
  context.output.result(
    { jobs, count },
    rows.length === 0 ? 'No jobs.' : table([head, ...rows], { right: [4, 5] }),
  )
}

const cancel: Action<[string[]], object> = async (context, _options, ids) => {
  const api = await context.api()
  const jobs = []
  for (const id of ids) jobs.push(await cancelJob(api, id))
  context.output.result(
    { jobs },
    jobs
      .map(
        ({ id, status }) =>
          `Job ${id}: ${status === 'cancelled' ? 'cancelled' : `${status}, is being cancelled`}.`,
      )
      .join('\n'),
  )
}
