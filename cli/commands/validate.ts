import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { readSettings } from '#lib/config/settings.ts'
import { formatCount, formatPlural } from '#lib/display/number-format.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import { createIngestEngine } from '#lib/ingest/ingest.ts'
import type { IngestReport } from '#lib/training/dataset.types.ts'
import { ingestOptionsOf } from '#lib/training/datasets/ingest-options.ts'
import { holdFileOf } from '../hold-in-file.ts'
import type { Action, Context, Run } from '../program.ts'
import { ProgressBar } from '../progress-bar.ts'
import { type ProblemRowsFile, writeProblemRows } from '../write-problem-rows.ts'
import { addReadingOptions, fieldsOf, type ReadingOptions } from './reading-options.ts'
import { reportWords } from './report-words.ts'

interface ValidateOptions extends ReadingOptions {
  problems?: string
}

export function addValidate(program: Command, run: Run): void {
  addReadingOptions(program.command('validate').argument('<file>', 'the file that would be uploaded'))
    .description('check a file on this machine, by the same rules and in the same words as the server')
    .option('--problems <file>', 'write every row with a problem there, with its text, as JSON Lines')
    .action(run(validate))
}

/** The file goes through the whole of ingest; only what comes out is not kept. */
const validate: Action<[string], ValidateOptions> = async (context, options, path) => {
  const { output } = context
  const problems = options.problems === undefined ? null : await writeProblemRows(options.problems, path)
  try {
    const report = await check(context, path, options, problems)
    await sayProblems(context, options, problems)
    const made = `${formatCount(report.rows_stored)} examples, format ${report.format}: the file can be uploaded.`
    output.result({ valid: true, report }, [made, ...reportWords(report)].join('\n'))
  } catch (error) {
    const report = isAppError(error) ? (error.data?.report as IngestReport | undefined) : undefined
    if (report === undefined) await problems?.discard()
    else await sayProblems(context, options, problems)
    if (report && output.json) output.result({ valid: false, report }, '')
    throw error
  }
}

async function check(
  { output, signal }: Context,
  path: string,
  options: ReadingOptions,
  problems: ProblemRowsFile | null,
): Promise<IngestReport> {
  const { size } = await stat(path)
  const engine = createIngestEngine()
  const bar = new ProgressBar('Checking', 0, output.json ? { isShown: false } : {})
  try {
    const run = engine.ingest(createReadStream(path, { highWaterMark: 1 << 20 }), {
      ...ingestOptionsOf({ settings: readSettings({}) }, fieldsOf(options), path),
      hold: holdFileOf(path),
      ...(problems ? { problemRows: problems.sink } : {}),
      signal,
      onProgress: ({ receivedBytes }) => bar.update(receivedBytes, size),
    })
    for await (const _member of run.stream);
    return (await run.result).report
  } finally {
    bar.clear()
    await engine.close()
  }
}

async function sayProblems(
  { output }: Context,
  { problems: path }: ValidateOptions,
  problems: ProblemRowsFile | null,
): Promise<void> {
  if (problems === null) return
  output.note(`${formatPlural(await problems.end(), 'row')} with problems in ${path}.`)
}
