// Runs a task of the project on a machine that has nothing but some Node and npm: installs the locked
// dependencies when they are absent or stale, then hands over to the Node that package.json pins.
// No dependency and no new syntax: it has to run before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeOptions, serverEnvironment, serverOptions } from './node-options.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const pinnedNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)
const stamp = join(root, 'node_modules', '.finetunelab-lock')
const oldestNode = 20

function fail(message) {
  console.error(message)
  process.exit(1)
}

if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  fail(`FineTune Lab needs Node ${oldestNode} or newer to start; this is ${process.version}.`)
}

const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

function isInstalled() {
  return existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash
}

if (!isInstalled()) {
  console.log('Installing the locked dependencies ...')
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (npm.status !== 0) fail('npm ci failed; its own message is above.')
  if (!existsSync(pinnedNode))
    fail(
      'The pinned Node was not installed: install scripts may be switched off (npm config get ignore-scripts).',
    )
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, lockHash)
}

const [task, ...rest] = process.argv.slice(2)
const script = join(root, 'scripts', `${task}.ts`)
if (!task || !existsSync(script)) fail(`There is no task called ${task}.`)

const serves = task === 'start' || task === 'worker'
const child = spawn(pinnedNode, [...(serves ? serverOptions : nodeOptions), script, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: {
    // Most of a start is reading a thousand modules: the next one finds them compiled.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'finetunelab'),
    ...(serves ? serverEnvironment : {}),
    ...process.env,
    PATH: `${dirname(pinnedNode)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
  },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
