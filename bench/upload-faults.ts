import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { storageProviders } from '#lib/storage/storage-provider.types.ts'
import { type KilledUploadsResult, runKilledUploads } from '#tests/support/uploads/killed-uploads.ts'
import { writeRowsFile } from '#tests/support/uploads/rows-file.ts'

/*
 * The server is killed (SIGKILL, a real process) at a random moment of an upload and started again; the client, which
 * lives on, resumes. So often, for each store, with a fresh upload each time: the bytes in the store have to be the
 * same every time, and nothing else may stay behind.
 *
 *   npm run bench -- upload-faults
 */
export interface FaultsOptions {
  uploads?: number
  fileBytes?: number
  resultsFolder?: string | null
}

const lateKillMillisecondsMax = 400

export async function run(options: FaultsOptions = {}): Promise<{ goalsMet: boolean }> {
  const { uploads = 20, fileBytes: wantedBytes = 64_000_000 } = options
  const resultsFolder =
    options.resultsFolder === undefined ? join(import.meta.dirname, 'results') : options.resultsFolder
  const folder = await mkdtemp(join(tmpdir(), 'finetunelab-faults-'))
  try {
    const file = join(folder, 'rows.jsonl')
    const fileBytes = await writeRowsFile(file, wantedBytes)
    const results: KilledUploadsResult[] = []
    for (const store of storageProviders) {
      const kills = Array.from({ length: uploads }, () => [randomKill()])
      const result = await runKilledUploads({ store, file, fileBytes, uploads: kills })
      console.log(lineOf(result))
      results.push(result)
    }
    if (resultsFolder) await writeResults(resultsFolder, fileBytes, results)
    return { goalsMet: results.every(isSound) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Anywhere in the file, and now and then when all is sent and the server is at the commit. */
const randomKill = () => ({
  share: Math.min(1, Math.random() * 1.15),
  milliseconds: Math.floor(Math.random() * lateKillMillisecondsMax),
})

const resentBytesMax = 16e6

const isSound = ({ uploads, expectedSha256, leftovers }: KilledUploadsResult): boolean =>
  leftovers.length === 0 &&
  uploads.every(
    ({ sha256, kills }) =>
      sha256 === expectedSha256 && kills.every(({ resentBytes }) => resentBytes < resentBytesMax),
  )

function figuresOf({ uploads, expectedSha256 }: KilledUploadsResult) {
  const kills = uploads.flatMap((upload) => upload.kills)
  const resent = kills.map(({ resentBytes }) => resentBytes).sort((a, b) => a - b)
  return {
    uploads: uploads.length,
    kills: kills.length,
    sameHash: uploads.filter(({ sha256 }) => sha256 === expectedSha256).length,
    resentMedianMB: megabytes(resent[Math.floor(resent.length / 2)] ?? 0),
    resentMaxMB: megabytes(resent.at(-1) ?? 0),
  }
}

const megabytes = (bytes: number): number => Number((bytes / 1e6).toFixed(1))

function lineOf(result: KilledUploadsResult): string {
  const { uploads, kills, sameHash, resentMedianMB, resentMaxMB } = figuresOf(result)
  return `${result.store} (${result.server}): ${kills} kills in ${uploads} uploads, ${sameHash} times the same hash, sent again ${resentMedianMB} MB (median), ${resentMaxMB} MB (most), ${result.leftovers.length} leftovers`
}

async function writeResults(
  folder: string,
  fileBytes: number,
  results: KilledUploadsResult[],
): Promise<void> {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
  const date = new Date().toISOString().slice(0, 10)
  const rows = results.map((result) => {
    const { uploads, kills, sameHash, resentMedianMB, resentMaxMB } = figuresOf(result)
    return `| ${[result.store, result.server, uploads, kills, sameHash, resentMedianMB, resentMaxMB, result.leftovers.length].join(' | ')} |`
  })
  const text = `# Uploads whose server is killed

A file of ${megabytes(fileBytes)} MB, uploaded again and again; each time the server process is killed (SIGKILL) at a random moment, started
again, and the client resumes. The hash of the stored bytes has to be that of the file ingested without trouble.
"Sent again" is what had left the client beyond the place where it went on: below 16 MB, since the command line's sender goes no further
than 15 MiB beyond what is safe.
${date}, ${machine}.

| store | server | uploads | kills | same hash | sent again, median MB | sent again, most MB | leftovers |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'upload-faults.md'), text)
  const json = { date, machine, fileBytes, results }
  await writeFile(join(folder, 'upload-faults.json'), `${JSON.stringify(json, null, 2)}\n`)
}

if (import.meta.main) {
  const { goalsMet } = await run()
  process.exitCode = goalsMet ? 0 : 1
}
