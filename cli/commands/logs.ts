import type { Command } from 'commander'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { followJobEvents } from '#lib/client/job-events.ts'
import { listJobLogs } from '#lib/client/job-history.ts'
import { getJob } from '#lib/client/jobs.ts'
import { formatMoney } from '#lib/display/number-format.ts'
import { AppError } from '#lib/errors/app-error.ts'
import type { JobEvent, LogLine, MetricPoint } from '#lib/training/job.types.ts'
import { plain } from '../output.ts'
import type { Action, Context, Run } from '../program.ts'
import { wholeNumber } from './arguments.ts'

export function addLogs(program: Command, run: Run): void {
  program
    .command('logs')
    .description("print a job's log")
    .argument('<job>', 'its id')
    .option('-f, --follow', 'go on until the job ends, with its states and measurements')
    .option('--tail <batches>', 'without -f: how many of the last batches of lines', wholeNumber(1), 200)
    .action(run(logs))
}

const logs: Action<[string], { follow?: boolean; tail: number }> = async (context, { follow, tail }, id) => {
  const api = await context.api()
  if (follow) return followLogs(context, api, id)
  const { batches } = await listJobLogs(api, id, { limit: tail }, context.signal)
  for (const line of batches.flatMap(({ lines }) => lines)) context.output.line(line, lineWords(line))
}

/** Prints what happens until the job ends; its failure is the command's failure. */
export async function followLogs(context: Context, api: ApiConnection, id: string): Promise<void> {
  const { output, signal } = context
  let isWaiting = false
  const onConnection = (state: 'live' | 'waiting') => {
    if (state === 'waiting' && !isWaiting) output.note('The connection broke; trying again.')
    isWaiting = state === 'waiting'
  }
  await getJob(api, id, signal)
  for await (const event of followJobEvents(api, id, { signal, onConnection })) {
    for (const { value, words } of entriesOf(event)) output.line(value, words)
  }
  if (signal.aborted) return
  const { status, error } = await getJob(api, id, signal)
  if (status === 'succeeded') return
  const kind = status === 'cancelled' ? 'aborted' : 'conflict'
  throw new AppError(kind, {
    code: error?.code ?? `job_${status}`,
    message: `The job is ${status}`,
    details: error?.message,
  })
}

function entriesOf(event: JobEvent): { value: unknown; words: string }[] {
  switch (event.type) {
    case 'logs':
      return event.data.map((line) => ({ value: { type: 'log', ...line }, words: lineWords(line) }))
    case 'metrics':
      return event.data.map((point) => ({ value: { type: 'metrics', ...point }, words: pointWords(point) }))
    case 'notice':
      return [{ value: { type: 'notice', ...event.data }, words: `-- ${plain(event.data.message)}` }]
    case 'cost': {
      const { so_far } = event.data
      const words = so_far === null ? 'cost unknown' : `${formatMoney(so_far)} so far`
      return [{ value: { type: 'cost', ...event.data }, words: `-- ${words}` }]
    }
    case 'status': {
      const { status, error } = event.data
      return [
        {
          value: { type: 'status', ...event.data },
          words: `== ${status}${error ? `: ${plain(error.message)}` : ''}`,
        },
      ]
    }
  }
}

const lineWords = ({ at, line, level }: LogLine): string =>
  `${at.slice(11, 19)} ${level === 'info' ? '' : `${level}: `}${plain(line)}`

function pointWords({ step, total_steps, at, ...measured }: MetricPoint): string {
  const values = Object.entries(measured).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(5)) : value}`,
  )
  return `${at?.slice(11, 19) ?? ''} step ${step}${total_steps ? `/${total_steps}` : ''}  ${values.join('  ')}`.trim()
}
