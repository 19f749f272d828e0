import { type Command, Option } from 'commander'
import { storageProviders } from '#lib/storage/storage-provider.types.ts'
import { datasetFormats } from '#lib/training/dataset.types.ts'
import type { Run } from '../program.ts'
import { wholeNumber } from './arguments.ts'
import { listDatasetsCommand } from './datasets-ls.ts'
import { push } from './datasets-push.ts'
import { removeDataset } from './datasets-rm.ts'
import { printRows } from './datasets-rows.ts'
import { addReadingOptions } from './reading-options.ts'
import { addValidate } from './validate.ts'

export function addDatasets(program: Command, run: Run): void {
  const datasets = program.command('datasets').description('bring, list, read and delete datasets')

  addReadingOptions(
    datasets.command('push').argument('<file>', 'JSONL, JSON, CSV, TSV, Parquet or text; also .gz and .zst'),
  )
    .description('upload a file as a dataset; one that was broken off goes on where it was')
    .option('--name <name>', "its name (the file's)")
    .option('--description <text>', 'what it is')
    .addOption(new Option('--store <store>', 'where it is kept').choices(storageProviders))
    .option('--keep-duplicate', 'store it even if the same bytes are there already')
    .option('--restart', 'begin anew, even if an upload of this file was broken off')
    .action(run(push))

  datasets
    .command('ls')
    .description('list datasets, newest first')
    .addOption(new Option('--store <store>', 'only in this store').choices(storageProviders))
    .addOption(new Option('--format <format>', 'only of this format').choices(datasetFormats))
    .option('--search <text>', 'only with this in the name or description')
    .option('--limit <count>', 'at most so many', wholeNumber(1), 50)
    .option('--unfinished', 'uploads that were broken off instead')
    .action(run(listDatasetsCommand))

  addValidate(datasets, run)

  datasets
    .command('rows')
    .description('print rows as JSON, one a line')
    .argument('<dataset>', 'its id or name')
    .option('--offset <row>', 'the first row, from 0', wholeNumber(0), 0)
    .option('--limit <count>', 'at most so many', wholeNumber(1), 20)
    .action(run(printRows))

  datasets
    .command('rm')
    .description('delete datasets with their bytes')
    .argument('<datasets...>', 'their ids or names')
    .option('-y, --yes', 'do not ask')
    .action(run(removeDataset))
}
