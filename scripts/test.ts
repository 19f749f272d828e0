/** `npm test`: the whole suite, one stage after another; every stage runs even when an earlier one failed. */
import { shareServer } from '#tests/support/s3-server/shared-server.ts'
import { runEndToEnd } from './end-to-end.ts'
import { runPackage, runStep } from './run-step.ts'

interface Stage {
  name: string
  run: () => Promise<number>
}

const vitest = (project: string) => () =>
  runPackage('vitest/vitest.mjs', ['run', '--project', project, '--passWithNoTests'])

const stages: Stage[] = [
  { name: 'unit', run: vitest('unit') },
  { name: 'runner', run: () => runStep('python3', ['-m', 'unittest', 'discover', '-s', 'runner/tests']) },
  { name: 'contract', run: vitest('contract') },
  { name: 'integration', run: vitest('integration') },
  { name: 'end-to-end', run: () => runEndToEnd() },
]

const only = process.argv.slice(2)
const failed: string[] = []
let ran = 0
const endSharing = await shareServer()
for (const stage of stages) {
  if (only.length > 0 && !only.includes(stage.name)) continue
  console.log(`\n== ${stage.name}`)
  ran += 1
  if ((await stage.run()) !== 0) failed.push(stage.name)
}
await endSharing()
console.log(
  `\nStages: ${ran - failed.length} passed, ${failed.length} failed${failed.length ? ` (${failed.join(', ')})` : ''}`,
)
process.exit(failed.length > 0 || ran === 0 ? 1 : 0)
