import { type Command, Option } from 'commander'
import { declaredFormatSchema } from '#lib/training/dataset.types.ts'

/** How a file is to be read, for those who send it and those who only check it. */
export interface ReadingOptions {
  format: string
  onError: 'refuse' | 'skip'
  split?: 'line' | 'paragraph' | 'document'
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
      new Option('--split <how>', 'plain text: what a row is').choices(['line', 'paragraph', 'document']),
    )
}
