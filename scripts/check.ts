/** `npm run check`: format, lint, types, import rules and unused code; no database, under a minute. */
import { runPackage } from './run-step.ts'

const steps: [string, () => Promise<number>][] = [
  ['format and lint', () => runPackage('@biomejs/biome/bin/biome', ['check', '.'])],
  ['types', () => runPackage('typescript-native/bin/tsc', ['--noEmit'])],
  [
    'import rules',
    () =>
      runPackage('dependency-cruiser/bin/dependency-cruiser.mjs', [
        '--config',
        '.dependency-cruiser.mjs',
        'app',
        'cli',
        'components',
        'lib',
        'web',
        'scripts',
      ]),
  ],
  ['unused code', () => runPackage('knip/bin/knip.js', [])],
]
const failed: string[] = []
for (const [name, run] of steps) {
  console.log(`== ${name}`)
  if ((await run()) !== 0) failed.push(name)
}
if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`)
process.exit(failed.length > 0 ? 1 : 0)
