/** `finetunelab`: the command line, over the same API as the screens. docs/guides/command-line.md */
import { CommanderError } from 'commander'
import { cliEnvironment } from '#lib/config/cli-environment.ts'
import { exitStatusByKind } from '#lib/errors/error-codes.ts'
import { failureOf } from './failure.ts'
import { Output } from './output.ts'
import { createProgram } from './program.ts'

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())
// `finetunelab datasets rows ... | head` is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const json = args.includes('--json')
  try {
    await createProgram(stop.signal, { isSilent: json }).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // commander has said what was wrong with the words of the command, or printed the help.
    if (error instanceof CommanderError && (error.exitCode === 0 || !json))
      return error.exitCode === 0 ? 0 : exitStatusByKind.invalid
    const output = new Output({ json, hasColour: cliEnvironment().hasColour })
    const failure = failureOf(error)
    output.failure(failure)
    return failure.exitStatus
  }
}
