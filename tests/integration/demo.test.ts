import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('npm run demo trains on the sample, shows the loss falling, and says where the result lies', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'finetunelab-demo-'))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/demo.ts'], {
      env: { ...process.env, DATA_DIR: dataDir, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    })
    const [, first, last] = /Loss ([\d.]+) at the start, ([\d.]+) at the end/.exec(stdout) ?? []
    expect(Number(last)).toBeLessThan(Number(first) * 0.6)
    const [, folder] = /The result\n\s+(\S+)/.exec(stdout) ?? []
    expect(folder?.startsWith(dataDir)).toBe(true)
    expect(await readdir(folder!)).not.toEqual([])
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
