import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { readSettings } from '#lib/config/settings.ts'
import { formatCount } from '#lib/display/number-format.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import { createIngestEngine } from '#lib/ingest/ingest.ts'
import type { IngestReport, UploadFields } from '#lib/training/dataset.types.ts'
import { ingestOptionsOf } from '#lib/training/datasets/ingest-options.ts'
import { holdInFile } from '../hold-in-file.ts'
import type { Action, Context, Run } from '../program.ts'
import { ProgressBar } from '../progress-bar.ts'
import { addReadingOptions, type ReadingOptions } from './reading-options.ts'
import { reportWords } from './report-words.ts'

export function addValidate(program: Command, run: Run): void {
  addReadingOptions(program.command('validate').argument('<file>', 'the file that would be uploaded'))
    .description('check a file on this machine, by the same rules and in the same words as the server')
    .action(run(validate))
}

/** The file goes through the whole of ingest; only what comes out is not kept. */
const validate: Action<[string], ReadingOptions> = async (context, options, path) => {
  const { size } = await stat(path)
  const engine = createIngestEngine()
  try {
    const fields = { format: options.format, on_error: options.onError, split: options.split } as UploadFields
    const settings = readSettings({})
    const bar = new ProgressBar('Checking', 0, context.output.json ? { isShown: false } : {})
    const run = engine.ingest(createReadStream(path, { highWaterMark: 1 << 20 }), {
      ...ingestOptionsOf({ settings }, fields, path),
      hold: holdInFile,
      signal: context.signal,
      onProgress: ({ receivedBytes }) => bar.update(receivedBytes, size),
    })
    try {
      for await (const _member of run.stream);
    } finally {
      bar.clear()
    }
    const { report } = await run.result
    say(context, report)
  } catch (error) {
    const report = isAppError(error) ? (error.data?.report as IngestReport | undefined) : undefined
    if (report && context.output.json) context.output.result({ valid: false, report }, '')
    throw error
  } finally {
    await engine.close()
  }
}

function say({ output }: Context, report: IngestReport): void {
  const made = `${formatCount(report.rows_stored)} examples, format ${report.format}: the file can be uploaded.`
  output.result({ valid: true, report }, [made, ...reportWords(report)].join('\n'))
}
