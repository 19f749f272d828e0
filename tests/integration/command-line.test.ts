import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Dataset } from '#lib/training/dataset.types.ts'
import type { UploadSession } from '#lib/training/upload-session.types.ts'
import { nodeEnvironment } from '../support/app/node-environment.ts'
import { ownerToken, startApp, type TestApp } from '../support/app/start-app.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')

let app: TestApp
let folder: string
let environment: Record<string, string>

beforeAll(async () => {
  app = await startApp()
  folder = await mkdtemp(join(tmpdir(), 'finetunelab-cli-'))
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  environment = { ...nodeEnvironment, HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') }
})

interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

async function run(args: string[], { input = '' } = {}): Promise<Ended> {
  const child = start(args)
  child.stdin.end(input)
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  return { status, stdout, stderr }
}

const start = (args: string[]) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    env: environment as never,
    stdio: 'pipe',
  })

const json = (ended: Ended) => {
  expect(ended, ended.stderr).toMatchObject({ status: 0 })
  return JSON.parse(ended.stdout)
}

async function fileOf(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

const row = (prompt: string) => JSON.stringify({ prompt, completion: `${prompt}!` })

describe('before anybody signed in', () => {
  test('a command says how to sign in, and ends with the status of its kind', async () => {
    const { status, stderr } = await run(['datasets', 'ls'])
    expect(status).toBe(3)
    expect(stderr).toContain('You are not signed in')
    expect(stderr).toContain('finetunelab login')
  })

  test('a wrong token is refused and not stored', async () => {
    expect((await run(['login', '--url', app.url, '--token', 'wrong'])).status).toBe(3)
    await expect(stat(join(folder, 'config/finetunelab/profile.json'))).rejects.toThrow('ENOENT')
  })

  test('a server that is not there is said to be so', async () => {
    const { status, stderr } = await run(['login', '--url', 'http://127.0.0.1:9', '--token', 'any'])
    expect(status).toBe(9)
    expect(stderr).toContain('could not be reached')
  })

  test('a mistake in the words is JSON too where JSON was asked for, with the same status', async () => {
    const mistakes = [['nonsense'], ['datasets', 'push', 'x', '--store', 'moon']]
    for (const { status, stdout, stderr } of await Promise.all(
      mistakes.map((args) => run([...args, '--json'])),
    )) {
      expect(status).toBe(2)
      expect(stdout).toBe('')
      expect(JSON.parse(stderr)).toMatchObject({ code: 'usage', error: expect.stringMatching(/\w/) })
    }
    const version = await run(['--version'])
    expect(version).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  test('a command that does not exist is answered with the nearest that does', async () => {
    const { status, stderr } = await run(['dataset'])
    expect(status).toBe(2)
    expect(stderr).toContain('datasets')
  })
})

describe('signed in', () => {
  beforeAll(async () => {
    environment = { ...nodeEnvironment, HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') }
    json(await run(['login', '--url', app.url, '--token', '-', '--json'], { input: `${ownerToken}\n` }))
  })

  test('the token is kept where only its owner reads it', async () => {
    const profile = join(folder, 'config/finetunelab/profile.json')
    expect((await stat(profile)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(profile, 'utf8'))).toEqual({ url: app.url, token: ownerToken })
  })

  test('the environment wins over what is stored, and a stored token goes to its own server only', async () => {
    environment.FINETUNELAB_URL = 'http://127.0.0.1:9'
    expect((await run(['datasets', 'ls'])).status).toBe(3)
    environment.FINETUNELAB_TOKEN = 'wrong'
    environment.FINETUNELAB_URL = app.url
    expect((await run(['datasets', 'ls'])).status).toBe(3)
  })

  test('push, ls, rows and rm do what they say, for people and for programs', async () => {
    const file = await fileOf('questions.jsonl', `${row('one')}\n${row('two')}\n${row('three')}\n`)
    const pushed = json(await run(['datasets', 'push', file, '--name', 'Fragen 質問', '--json'])) as {
      dataset: Dataset
    }
    expect(pushed.dataset).toMatchObject({ name: 'Fragen 質問', total_examples: 3, status: 'ready' })

    const listed = await run(['datasets', 'ls'])
    expect(listed.stdout).toContain('Fragen 質問')
    expect(listed.stdout.split('\n')[0]).toMatch(/^ID +NAME +STORE/)
    expect(json(await run(['datasets', 'ls', '--json'])).datasets).toHaveLength(1)

    const rows = await run(['datasets', 'rows', 'Fragen 質問', '--offset', '1', '--limit', '1'])
    expect(rows.stdout).toBe(
      `${JSON.stringify({
        messages: [
          { role: 'user', content: 'two' },
          { role: 'assistant', content: 'two!' },
        ],
      })}\n`,
    )
    const digits = '{"prompt":"n","completion":"m","id":12345678901234567890,"share":1.0}'
    const numbers = await fileOf('numbers.jsonl', `${digits}\n`)
    expect((await run(['datasets', 'push', numbers, '--name', 'Numbers'])).status).toBe(0)
    expect((await run(['datasets', 'rows', 'Numbers'])).stdout).toContain(
      '"id":12345678901234567890,"share":1.0',
    )

    expect(await run(['datasets', 'rm', 'Fragen 質問'])).toMatchObject({ status: 2 })
    expect(await run(['datasets', 'rm', 'Fragen 質問', '--yes'])).toMatchObject({
      status: 0,
      stdout: 'Deleted "Fragen 質問".\n',
    })
    expect(await run(['datasets', 'rows', pushed.dataset.id])).toMatchObject({ status: 5 })
  })

  test('validate and push refuse a file with the same words', async () => {
    const file = await fileOf('bad.jsonl', `${row('fine')}\n{"prompt": "no end\n${row('fine')}\n`)
    const [checked, pushed] = [await run(['validate', file]), await run(['datasets', 'push', file])]
    expect(checked.status).toBe(2)
    expect(checked.stderr).toContain('line 2')
    expect(pushed.stderr).toBe(checked.stderr)
    expect(pushed.status).toBe(2)

    const skipping = json(await run(['validate', file, '--on-error', 'skip', '--json']))
    const stored = json(await run(['datasets', 'push', file, '--on-error', 'skip', '--json']))
    expect(stored.report).toEqual(skipping.report)
    expect(JSON.parse((await run(['validate', file, '--json'])).stderr)).toMatchObject({
      code: 'invalid_dataset',
    })
  })

  test('validate writes every row that has a problem to a file, with its text, and nothing of a secret', async () => {
    const lines = Array.from({ length: 300 }, (_, at) => (at % 2 === 0 ? row('a') : `{"prompt":${at}}`))
    const path = await fileOf(
      'many-bad.jsonl',
      [...lines, '{"prompt":"ada@lovelace.org","completion":"b"}'].join('\n'),
    )
    const problems = join(folder, 'problems.jsonl')
    const checked = await run(['validate', path, '--problems', problems])
    expect(checked.status).toBe(2)
    expect(checked.stderr).toContain(`151 rows with problems in ${problems}.`)
    const rows = (await readFile(problems, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.slice(0, 150).map(({ raw }) => raw)).toEqual(lines.filter((line) => line !== row('a')))
    expect(rows[150]).toMatchObject({ line: 301, redacted: true, problems: [{ severity: 'warning' }] })
    expect(JSON.stringify(rows)).not.toContain('lovelace')
    expect((await stat(problems)).mode & 0o777).toBe(0o600)
  })

  test('validate never writes the problems over the file that has them', async () => {
    const path = await fileOf('own.jsonl', `${row('fine')}\n`)
    const checked = await run(['validate', path, '--problems', join(folder, '.', 'own.jsonl')])
    expect(checked).toMatchObject({ status: 2, stderr: expect.stringContaining('place of the file itself') })
    expect(await readFile(path, 'utf8')).toBe(`${row('fine')}\n`)
  })

  test('an empty file is refused when it is pushed, and nothing waits for its bytes', async () => {
    const pushed = await run(['datasets', 'push', await fileOf('empty.jsonl', '')])
    expect(pushed).toMatchObject({ status: 2, stderr: expect.stringContaining('The file is empty') })
    expect(json(await run(['datasets', 'ls', '--json'])).datasets).not.toContainEqual(
      expect.objectContaining({ name: 'empty' }),
    )
  })

  test('validate leaves no file of problems when the file cannot be read at all', async () => {
    const problems = join(folder, 'none.jsonl')
    expect((await run(['validate', join(folder, 'absent.jsonl'), '--problems', problems])).status).toBe(2)
    await expect(stat(problems)).rejects.toThrow('ENOENT')
  })

  test('validate counts the rows that are longer than a given context', async () => {
    const long = JSON.stringify({ prompt: 'word '.repeat(5000), completion: 'b' })
    const path = await fileOf('long.jsonl', [row('a'), long, row('b'), long].join('\n'))
    const { report } = json(await run(['validate', path, '--context-length', '1000', '--json']))
    expect(report.statistics.tokens.context_length).toBe(1000)
    expect(report.statistics.tokens.rows_over[0]).toEqual({ context: 1000, rows: 2 })
    const { stdout } = await run(['validate', path, '--context-length', '1000'])
    expect(stdout).toContain('About 2 rows are longer than 1,000 tokens (50 %).')
    const pushed = json(await run(['datasets', 'push', path, '--context-length', '1000', '--json']))
    expect(pushed.report).toEqual(report)
    expect((await run(['validate', path, '--context-length', '0'])).status).toBe(2)
  })

  test('validate reads Parquet where it lies, and out of gzip', async () => {
    const parquet = 'tests/fixtures/ingest/parquet-alpaca-row-groups/input.parquet'
    const { report } = json(await run(['validate', parquet, '--json']))
    expect(report).toMatchObject({ container: 'parquet', format: 'alpaca', rows_stored: 19 })
    const packed = join(folder, 'input.parquet.gz')
    await writeFile(packed, gzipSync(await readFile(parquet)))
    const again = json(await run(['validate', packed, '--json']))
    expect(again.report).toEqual({ ...report, compression: 'gzip' })
  })

  test('the same bytes twice are refused with the way to keep both', async () => {
    const file = await fileOf('twice.jsonl', `${row('again')}\n`)
    const { dataset } = json(await run(['datasets', 'push', file, '--json'])) as { dataset: Dataset }
    const again = await run(['datasets', 'push', file, '--name', 'Other'])
    expect(again.status).toBe(6)
    expect(again.stderr).toContain('--keep-duplicate')
    const kept = json(await run(['datasets', 'push', file, '--keep-duplicate', '--json'])) as {
      dataset: Dataset
    }
    expect(kept.dataset.sha256).toBe(dataset.sha256)
    expect(json(await run(['datasets', 'ls', '--unfinished', '--json'])).uploads).toEqual([])
  })

  // A sender that went away without a word is waited for half a minute.
  test('a push that is interrupted goes on where it was', async () => {
    const rows = Array.from({ length: 250_000 }, (_, number) =>
      row(`${number} ${Math.imul(number, 2_654_435_761).toString(36).repeat(8)}`),
    )
    const file = await fileOf('large.jsonl', `${rows.join('\n')}\n`)
    const first = start(['datasets', 'push', file])
    const said = text(first.stderr)
    const ended = new Promise<number | null>((resolve) => first.once('close', resolve))
    let offset = 0
    await expect
      .poll(
        async () => {
          const { uploads } = (await (await app.asOwner('/api/training/upload')).json()) as {
            uploads: UploadSession[]
          }
          offset = uploads[0]?.offset ?? 0
          return offset
        },
        { timeout: 20_000, interval: 10 },
      )
      .toBeGreaterThan(0)
    first.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(await said).toContain('The same command goes on')

    const second = await run(['datasets', 'push', file])
    expect(second, second.stderr).toMatchObject({ status: 0 })
    expect(second.stderr).toContain('going on there')
    expect(second.stdout).toContain('250,000 examples')
  }, 150_000)

  test('train, jobs and logs follow a training to its end', async () => {
    const file = await fileOf(
      'train.jsonl',
      Array.from({ length: 40 }, (_, number) => `${row(`question ${number}`)}\n`).join(''),
    )
    await run(['datasets', 'push', file, '--name', 'to train on'])
    const started = await run([
      'train',
      'to train on',
      '--trainer',
      'smoke',
      '--max-steps',
      '5',
      '--set',
      'nonsense',
    ])
    expect(started.status).toBe(2)
    const trained = await run([
      'train',
      'to train on',
      '--trainer',
      'smoke',
      '--max-steps',
      '5',
      '--follow',
      '--json',
    ])
    expect(trained, trained.stderr + trained.stdout).toMatchObject({ status: 0 })
    const events = trained.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.at(-1)).toMatchObject({ type: 'status', status: 'succeeded' })
    expect(events.some(({ type, loss }) => type === 'metrics' && typeof loss === 'number')).toBe(true)

    const { jobs } = json(await run(['jobs', '--json'])) as { jobs: { id: string; status: string }[] }
    expect(jobs[0]).toMatchObject({ status: 'succeeded' })
    expect((await run(['logs', jobs[0]!.id])).stdout).not.toBe('')
    expect((await run(['logs', crypto.randomUUID()])).status).toBe(5)
    expect((await run(['jobs', 'cancel', crypto.randomUUID()])).status).toBe(5)
  })

  test('logout forgets the token', async () => {
    expect((await run(['logout'])).status).toBe(0)
    expect((await run(['datasets', 'ls'])).status).toBe(3)
  })
})

describe('completion', () => {
  test('of bash offers commands, options and the words that options take', async () => {
    const { stdout } = await run(['completion', 'bash'])
    const script = await fileOf('completion.bash', stdout)
    const offered = (...words: string[]) =>
      new Promise<string[]>((resolve, reject) => {
        const quoted = words.map((word) => `'${word}'`).join(' ')
        const program = `. '${script}'; COMP_WORDS=(finetunelab ${quoted}); COMP_CWORD=${words.length}; _finetunelab; printf '%s\\n' "\${COMPREPLY[@]}"`
        execFile('bash', ['-c', program], (error, out) =>
          error ? reject(error) : resolve(out.trim().split('\n')),
        )
      })
    expect(await offered('')).toEqual(
      expect.arrayContaining(['login', 'datasets', 'validate', 'train', 'jobs', 'logs']),
    )
    expect(await offered('datasets', 'p')).toEqual(['push'])
    expect(await offered('datasets', 'push', '--keep')).toEqual(['--keep-duplicate'])
    expect(await offered('datasets', 'push', '--store', 's')).toEqual(['supabase', 's3'])
    expect(await offered('jobs', 'c')).toEqual(['cancel'])
  })

  const outputOf = (shell: string, program: string) =>
    new Promise<string[]>((resolve, reject) => {
      const flags = shell === 'zsh' ? ['-f', '-c'] : ['--no-config', '-c']
      execFile(shell, [...flags, program], (error, out) =>
        error ? reject(error) : resolve(out.trim().split('\n')),
      )
    })
  const isThere = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

  test.skipIf(!isThere('zsh'))('of zsh offers the same, with what each is', async () => {
    const script = await fileOf('completion.zsh', (await run(['completion', 'zsh'])).stdout)
    // Outside of its line editor zsh has nobody to describe things to.
    const told = `compdef() { : }; _files() { echo FILES }; _describe() { print -rl -- \${(P)2} }`
    const offered = (...words: string[]) => {
      const line = ['finetunelab', ...words].map((word) => `'${word}'`).join(' ')
      return outputOf(
        'zsh',
        `${told}; . '${script}'; words=(${line}); CURRENT=${words.length + 1}; _finetunelab`,
      )
    }
    expect(await offered('')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^datasets:bring, list/), '--help:how to use it']),
    )
    expect(await offered('datasets', '')).toContainEqual(expect.stringMatching(/^push:upload a file/))
    expect(await offered('datasets', 'push', '--')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^--keep-duplicate:/), 'FILES']),
    )
    expect(await offered('datasets', 'push', '--store', 's')).toEqual(['supabase', 's3', 'local'])
  })

  test.skipIf(!isThere('fish'))('of fish offers the same, with what each is', async () => {
    const script = await fileOf('completion.fish', (await run(['completion', 'fish'])).stdout)
    const offered = (line: string) =>
      outputOf('fish', `source '${script}'; complete -C 'finetunelab ${line}'`)
    expect(await offered('da')).toEqual([expect.stringMatching(/^datasets\tbring, list/)])
    expect(await offered('datasets pu')).toEqual([expect.stringMatching(/^push\tupload a file/)])
    expect(await offered('datasets push --keep')).toEqual([expect.stringMatching(/^--keep-duplicate/)])
    expect(await offered('datasets push --store s')).toEqual(
      ['s3', 'supabase'].map((store) => expect.stringMatching(new RegExp(`^${store}`))),
    )
  })
})
