/** `npm test`: the whole suite, one stage after another; every stage runs even when an earlier one failed. */
import { shareServer, wordsOfSharedServer } from '#tests/support/s3-server/shared-server.ts'
import { runEndToEnd } from './end-to-end.ts'
import { runAside, runPackage } from './run-step.ts'

interface Stage {
  name: string
  run: () => Promise<number>
  /** Runs while the next one does; what it says comes after. */
  aside?: boolean
  /** Waits for the S3 server of the run, which starts beside what comes before. */
  atS3?: boolean
}

const vitest = (project: string) => () =>
  runPackage('vitest/vitest.mjs', ['run', '--project', project, '--passWithNoTests'])

const stages: Stage[] = [
  { name: 'unit', run: vitest('unit') },
  // One process that waits a good deal, beside one that does as well.
  {
    name: 'runner',
    run: () => runAside('python3', ['-m', 'unittest', 'discover', '-s', 'runner/tests']),
    aside: true,
  },
  { name: 'contract', run: vitest('contract'), atS3: true },
  { name: 'integration', run: vitest('integration'), atS3: true },
  { name: 'end-to-end', run: () => runEndToEnd(), atS3: true },
]

const only = process.argv.slice(2)
const wanted = stages.filter(({ name }) => only.length === 0 || only.includes(name))
const failed: string[] = []
const aside: Promise<void>[] = []
const endSharing = await shareServer()
const s3 = wanted.some(({ atS3 }) => atS3)
  ? wordsOfSharedServer().then((words) => console.log(words), console.error)
  : null
for (const stage of wanted) {
  if (stage.atS3) await s3
  console.log(`\n== ${stage.name}${stage.aside ? ' (aside)' : ''}`)
  const ended = stage.run().then((status) => void (status !== 0 && failed.push(stage.name)))
  if (stage.aside) aside.push(ended)
  else await Promise.all([ended, ...aside.splice(0)])
}
await Promise.all(aside)
await endSharing()
console.log(
  `\nStages: ${wanted.length - failed.length} passed, ${failed.length} failed${failed.length ? ` (${failed.join(', ')})` : ''}`,
)
process.exit(failed.length > 0 || wanted.length === 0 ? 1 : 0)
