import { expect, test } from 'vitest'
import { sampleAccess, sampleJob, sampleLaunch, sampleUser } from '#tests/support/providers/sample-launch.ts'
import { createColabLauncher, openPatienceSeconds, silenceSecondsMax } from './launcher.ts'

const now = Date.parse('2026-11-24T12:00:00Z')
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString()
const launcher = createColabLauncher({ publicAddress: 'https://lab.example.org', now: () => now })

test('without an address that Colab can reach, it says so and how to mend it', async () => {
  const unreachable = createColabLauncher({ publicAddress: null })
  await expect(unreachable.lacks(sampleUser)).resolves.toMatchObject({
    code: 'app_base_url_missing',
    details: expect.stringContaining('APP_BASE_URL'),
  })
  await expect(unreachable.validate(sampleLaunch('colab'))).rejects.toMatchObject({
    code: 'app_base_url_missing',
  })
  await expect(launcher.lacks(sampleUser)).resolves.toBeNull()
})

test('a wish for a GPU that Colab does not have, and values that would be shared, are refused by their field', async () => {
  const launch = sampleLaunch('colab', { options: { gpu_type: 'RTX' } })
  await expect(launcher.validate(launch)).rejects.toMatchObject({
    kind: 'invalid',
    details: [{ field: 'gpu_type' }],
  })
  const shared = sampleLaunch('colab', { environment: { HF_TOKEN: 'x' } })
  await expect(launcher.validate(shared)).rejects.toMatchObject({
    details: [{ field: 'environment_variables' }],
  })
  await expect(
    launcher.validate(sampleLaunch('colab', { options: { gpu_type: 'L4' } })),
  ).resolves.toBeUndefined()
})

test('the launch asks nobody', async () => {
  const launch = sampleLaunch('colab')
  await expect(launcher.launch(launch, sampleAccess())).resolves.toEqual({
    providerRef: `notebook:${launch.job.id}`,
    machine: null,
  })
})

test.each([
  [
    'waits for a person',
    { created_at: ago(openPatienceSeconds - 1) },
    { state: 'present', phase: 'pending' },
  ],
  [
    'gives up waiting',
    { created_at: ago(openPatienceSeconds + 1) },
    { state: 'gone', outcome: { status: 'timed_out' } },
  ],
  [
    'runs while it reports',
    { last_heartbeat_at: ago(silenceSecondsMax - 1) },
    { state: 'present', phase: 'running' },
  ],
  [
    'is lost when it has fallen silent',
    { last_heartbeat_at: ago(silenceSecondsMax + 1) },
    { state: 'gone', outcome: { status: 'lost' } },
  ],
])('a job %s', async (_, changes, inspection) => {
  await expect(launcher.inspect(sampleJob('colab', changes))).resolves.toMatchObject(inspection)
})

test('silence while nobody listened is not held against a notebook', async () => {
  const job = sampleJob('colab', { last_heartbeat_at: ago(silenceSecondsMax * 4) })
  await expect(launcher.inspect(job, 5)).resolves.toMatchObject({ state: 'present' })
  await expect(launcher.inspect(job, silenceSecondsMax + 1)).resolves.toMatchObject({ state: 'gone' })
})
