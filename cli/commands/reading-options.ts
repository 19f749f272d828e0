import { type Command, Option } from 'commander'
import { contextLengthMax, declaredFormatSchema, type UploadFields } from '#lib/training/dataset.types.ts'
import { wholeNumber } from './arguments.ts'

/** How a file is to be read, for those who send it and those who only check it. */
export interface ReadingOptions {
  format: UploadFields['format']
  onError: 'refuse' | 'skip'
  onSecret: 'warn' | 'refuse'
  split?: 'line' | 'paragraph' | 'document'
  contextLength?: number
}

export function addReadingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'what its rows are')
        .choices(declaredFormatSchema.options)
        .default('auto'),
    )
    .addOption(
      new Option('--on-error <what>', 'refuse a file with bad rows, or skip them')
        .choices(['refuse', 'skip'])
        .default('refuse'),
    )
    .addOption(
      new Option('--on-secret <what>', 'warn of what looks like a key, or take its row for a bad one')
        .choices(['warn', 'refuse'])
        .default('warn'),
    )
    .addOption(
      new Option('--split <how>', 'plain text: what a row is').choices(['line', 'paragraph', 'document']),
    )
    .option(
      '--context-length <tokens>',
      'count the rows that are longer than this',
      wholeNumber(1, contextLengthMax),
    )
}

/** The same as fields of an upload. */
export const fieldsOf = ({ format, onError, onSecret, split, contextLength }: ReadingOptions) => ({
  format,
  on_error: onError,
  on_secret: onSecret,
  split,
  context_length: contextLength,
})
