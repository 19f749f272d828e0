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
  try {
    await createProgram(stop.signal).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // commander has said what was wrong with the words of the command, or printed the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitStatusByKind.invalid
    const output = new Output({ json: args.includes('--json'), hasColour: cliEnvironment().hasColour })
    const failure = failureOf(error)
    output.failure(failure)
    return failure.exitStatus
  }
}
