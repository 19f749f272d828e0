#!/usr/bin/env node
// The command line on a machine that has some Node: hands over to the Node that package.json pins. No dependency
// and no new syntax: it has to run before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..')
const pinnedNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

if (!existsSync(pinnedNode)) {
  // The bootstrap installs what package-lock.json says; its words go to stderr, so that --json stays JSON.
  const bootstrap = join(root, 'scripts', 'bootstrap.mjs')
  const installed = spawnSync(process.execPath, [bootstrap, 'install'], { stdio: ['ignore', 2, 2] })
  if (installed.status !== 0) process.exit(installed.status || 1)
}

const main = join(root, 'cli', 'main.ts')
const args = ['--disable-warning=ExperimentalWarning', main].concat(process.argv.slice(2))
// Most of a command is reading modules: the next one finds them compiled.
const compiled = join(root, 'node_modules', '.cache', 'finetunelab')
const env = Object.assign({ NODE_COMPILE_CACHE: compiled }, process.env)
const child = spawn(pinnedNode, args, { stdio: 'inherit', env: env })
// The terminal sends an interrupt to the child too: it ends in its own way, and this process with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
