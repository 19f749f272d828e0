/** `npm run bench -- NAME ...`: one of the benchmarks in bench/; its results go to bench/results/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

interface Benchmark {
  /** Rejects, or answers `goalsMet: false`, when something is not as good as it has to be. */
  run(): Promise<{ goalsMet?: boolean } | undefined>
}

const names = readdirSync('bench')
  .filter(
    (file) =>
      file.endsWith('.ts') && readFileSync(`bench/${file}`, 'utf8').includes('export async function run('),
  )
  .map((file) => file.slice(0, -3))

const words = process.argv.slice(2)
const asked = words.filter((word) => !word.startsWith('-'))
if (asked.length < words.length) {
  console.error('Options are for one benchmark by itself: npx node bench/NAME.ts --option=value')
  process.exit(2)
}
const unknown = asked.filter((name) => !existsSync(`bench/${name}.ts`) || !names.includes(name))
if (asked.length === 0 || unknown.length > 0) {
  console.error(`Name one of: ${names.join(', ')}`)
  process.exit(2)
}
for (const name of asked) {
  console.log(`== ${name}`)
  const { run } = (await import(`../bench/${name}.ts`)) as Benchmark
  const result = await run()
  if (result?.goalsMet === false) process.exitCode = 1
}
