import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startScriptText } from './job-files.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sagemaker-start-'))
  mkdirSync(join(root, 'input/data/code'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const inRoot = (path: string) => join(root, path)
const readIn = (path: string) => readFileSync(inRoot(path), 'utf8').trim()

/** Runs the script as a container would, with a stand-in for the runner and a folder for /opt/ml. */
function start(runner: string, env: Record<string, string> = {}) {
  const text = startScriptText.replaceAll('/opt/ml', root).replaceAll('/tmp/finetunelab', inRoot('work'))
  writeFileSync(inRoot('input/data/code/start.sh'), text)
  writeFileSync(inRoot('input/data/code/finetunelab_runner.py'), runner)
  writeFileSync(inRoot('input/data/code/config.json'), '{"base_model": "a/b"}')
  const sha256 = createHash('sha256').update(runner).digest('hex')
  const child = spawn('/bin/bash', [inRoot('input/data/code/start.sh')], {
    env: { PATH: process.env.PATH, RUNNER_SHA256: sha256, ...env } as unknown as NodeJS.ProcessEnv,
  })
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  return { child, ended }
}

const writes = (path: string, text = 'x') => `
import os, pathlib
path = pathlib.Path(os.environ["WORK_DIR"], ${JSON.stringify(path)})
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(${JSON.stringify(text)})
`

test('what was trained becomes the model, and checkpoints stay where SageMaker keeps them', async () => {
  const { ended } = start(
    writes('output/adapter/weights') + writes('output/checkpoint-10/trainer_state.json'),
  )
  expect(await ended).toBe(0)
  expect(existsSync(inRoot('model/adapter/weights'))).toBe(true)
  expect(existsSync(inRoot('model/checkpoint-10'))).toBe(false)
  expect(existsSync(inRoot('checkpoints/checkpoint-10/trainer_state.json'))).toBe(true)
})

test('a failure is told in the words of the runner', async () => {
  const result = JSON.stringify({
    status: 'failed',
    error: { code: 'dataset_corrupt', message: 'It is not whole.' },
  })
  const { ended } = start(`${writes('result.json', result)}raise SystemExit(1)`)
  expect(await ended).toBe(1)
  expect(readIn('output/failure')).toBe('dataset_corrupt: It is not whole.')
})

test('a runner that dies without a word is said to have done so', async () => {
  const { ended } = start('raise SystemExit(7)')
  expect(await ended).toBe(7)
  expect(readIn('output/failure')).toContain('without a result')
})

test('a runner that is not the one that was launched does not run', async () => {
  const { ended } = start(writes('output/ran'), { RUNNER_SHA256: 'a'.repeat(64) })
  expect(await ended).toBe(1)
  expect(existsSync(inRoot('checkpoints/ran'))).toBe(false)
  expect(readIn('output/failure')).toContain('not the one')
})

test('the signal to stop reaches the runner, which may save and say how it ended', async () => {
  const { child, ended } = start(`
import os, pathlib, signal, sys, time
work = pathlib.Path(os.environ["WORK_DIR"])
def save(*_):
    time.sleep(0.2)
    (work / "output" / "saved").write_text("x")
    sys.exit(3)
signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
while True:
    time.sleep(0.05)
`)
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGTERM')
  expect(await ended).toBe(3)
  expect(existsSync(inRoot('checkpoints/saved'))).toBe(true)
})

test('the configuration reaches a detached runner, and no other', async () => {
  const keep = `
import os, pathlib
pathlib.Path(os.environ["WORK_DIR"], "output", "config").write_text(os.environ.get("TRAINING_CONFIG_B64", "none"))
`
  expect(await start(keep).ended).toBe(0)
  expect(JSON.parse(Buffer.from(readIn('model/config'), 'base64').toString())).toEqual({ base_model: 'a/b' })
  expect(await start(keep, { FINETUNELAB_URL: 'http://lab' }).ended).toBe(0)
  expect(readIn('model/config')).toBe('none')
})
