import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { cliEnvironment } from '#lib/config/cli-environment.ts'
import { addCompletion } from './commands/completion.ts'
import { addDatasets } from './commands/datasets.ts'
import { addJobs } from './commands/jobs.ts'
import { addLogin } from './commands/login.ts'
import { addLogs } from './commands/logs.ts'
import { addTrain } from './commands/train.ts'
import { addValidate } from './commands/validate.ts'
import { Output } from './output.ts'
import { connect } from './profile.ts'

/** What every command is given. */
export interface Context {
  output: Output
  /** Where to call and as whom; rejects when nobody signed in. */
  api(): Promise<ApiConnection>
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

export type Action<Arguments extends unknown[], Options> = (
  context: Context,
  options: Options,
  ...given: Arguments
) => Promise<void>

/** Gives an action its context; commander hands over the arguments, the options and the command, in this order. */
export type Run = <Arguments extends unknown[], Options>(
  action: Action<Arguments, Options>,
) => (...given: unknown[]) => Promise<void>

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** The whole command line; `signal` ends what takes long. Mistakes in its words are thrown, and told unless `isSilent`. */
export function createProgram(signal: AbortSignal, { isSilent = false } = {}): Command {
  const program = new Command('finetunelab')
    .description('Bring datasets to FineTune Lab, train on them, watch the jobs.')
    .version(version)
    .option('--json', 'print results (and errors) as JSON')
    .showSuggestionAfterError()
    .helpCommand('help [command]', 'how to use a command')
    .exitOverride()

  const run: Run =
    (action) =>
    async (...given) => {
      const command = given.pop() as Command
      const options = given.pop()
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>()
      const environment = cliEnvironment()
      const output = new Output({ json, hasColour: environment.hasColour })
      const context = { output, signal, api: () => connect(environment) }
      await action(context, options as never, ...(given as never))
    }
  for (const add of [addLogin, addDatasets, addValidate, addTrain, addJobs, addLogs, addCompletion])
    add(program, run)
  for (const command of everyCommand(program)) {
    command.exitOverride()
    if (isSilent) command.configureOutput({ writeErr: () => {} })
    if (command !== program) command.option('--json', 'print results (and errors) as JSON')
  }
  return program
}

export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}
