import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { getSession } from '#lib/client/account.ts'
import { cliEnvironment } from '#lib/config/cli-environment.ts'
import { invalid, unauthenticated } from '#lib/errors/app-error.ts'
import { defaultUrl, readProfile, removeProfile, writeProfile } from '../profile.ts'
import type { Action, Run } from '../program.ts'

interface LoginOptions {
  url?: string
  token?: string
}

export function addLogin(program: Command, run: Run): void {
  program
    .command('login')
    .description('store the address of your FineTune Lab and a token for it')
    .option('--url <url>', `address of the server (${defaultUrl})`)
    .option('--token <token>', 'an API token, from Settings > Tokens; "-" reads it from standard input')
    .addHelpText('after', '\nWithout --token you are asked for it, so that it ends in no shell history.')
    .action(run(login))
  program.command('logout').description('forget the stored login').action(run(logout))
}

const login: Action<[], LoginOptions> = async ({ output, signal }, options) => {
  const { profileFile, url: givenUrl, token: givenToken } = cliEnvironment()
  const known = await readProfile(profileFile).catch(() => null)
  const url = parseUrl(options.url ?? givenUrl ?? known?.url ?? defaultUrl)
  const token = (await tokenOf(options, givenToken, `Token for ${url}: `)).trim()
  if (token === '')
    throw invalid('token_missing', 'No token was given', `Make one at ${url}/settings/tokens.`)
  const { user } = await getSession({ baseUrl: url, token }, signal)
  if (!user)
    throw unauthenticated(
      'token_refused',
      'The server does not know this token',
      `Make one at ${url}/settings/tokens.`,
    )
  await writeProfile(profileFile, { url, token })
  output.result({ url, user, profile: profileFile }, `Signed in at ${url} as ${user.email}.`)
}

const logout: Action<[], object> = async ({ output }) => {
  const { profileFile } = cliEnvironment()
  await removeProfile(profileFile)
  output.result(
    { profile: profileFile },
    'The stored login is gone. The token itself is still good: revoke it under Settings > Tokens.',
  )
}

async function tokenOf(
  { token }: LoginOptions,
  fromEnvironment: string | null,
  question: string,
): Promise<string> {
  if (token === '-' || (token === undefined && !fromEnvironment && !process.stdin.isTTY))
    return text(process.stdin)
  return token ?? fromEnvironment ?? askHidden(question)
}

/** Asks without showing what is typed. */
async function askHidden(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  process.stderr.write(question)
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

function parseUrl(given: string): string {
  const withScheme = /^https?:\/\//.test(given) ? given : `http://${given}`
  if (URL.canParse(withScheme)) return new URL(withScheme).href.replace(/\/+$/, '')
  throw invalid('invalid_url', 'This is no address', `"${given}": write it like ${defaultUrl}.`)
}
