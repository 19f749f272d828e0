/**
 * `npm run doctor [-- --mend] [--deep] [--orphans adopt|remove|keep] [--grace-minutes N] [--json]`: compares the datasets
 * with what the stores hold. Exit status 0 when all is right, or was mended; 1 when something is wrong.
 */
import { parseArgs } from 'node:util'
import { examineStoresThere } from '#lib/client/operator.ts'
import { processSettings } from '#lib/config/process-settings.ts'
import { invalid } from '#lib/errors/app-error.ts'
import type { FoundationServices } from '#lib/foundation.ts'
import { createIngestEngine } from '#lib/ingest/ingest.ts'
import {
  type DoctorEvent,
  type DoctorOptions,
  doctorOptionsSchema,
} from '#lib/training/doctor/doctor.types.ts'
import { doctorWords } from '#lib/training/doctor/doctor-words.ts'
import { examineStores } from '#lib/training/doctor/examine-stores.ts'
import { maintain, runCommand } from './maintenance.ts'

await runCommand(async () => {
  const { json, ...options } = readOptions(process.argv.slice(2))
  const tell = json ? collector() : printer(options)
  return maintain(processSettings(), {
    here: (services) => examineHere(services, options, tell),
    there: async (api) => follow(examineStoresThere(api, options), tell),
  })
})

function readOptions(args: string[]): DoctorOptions & { json: boolean } {
  const { values } = parseArgs({
    args,
    options: {
      mend: { type: 'boolean', default: false },
      deep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      orphans: { type: 'string' },
      'grace-minutes': { type: 'string' },
    },
  })
  const { json, mend, deep, orphans, 'grace-minutes': minutes } = values
  const parsed = doctorOptionsSchema.safeParse({
    mend,
    deep,
    ...(orphans === undefined ? {} : { orphans }),
    ...(minutes === undefined ? {} : { grace_minutes: Number(minutes) }),
  })
  if (parsed.success) return { ...parsed.data, json }
  throw invalid(
    'invalid_options',
    'The options cannot be read',
    parsed.error.issues.map(({ path, message }) => `--${path.join('.').replaceAll('_', '-')}: ${message}`),
  )
}

type Tell = (event: DoctorEvent) => void

async function examineHere(
  services: FoundationServices,
  options: DoctorOptions,
  tell: Tell,
): Promise<number> {
  const { WORKERS, TOKENIZER_FILE } = services.settings
  const ingest = createIngestEngine({ workers: WORKERS, tokenizerFile: TOKENIZER_FILE ?? null })
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  try {
    const { id: deploymentId } = await services.db.service
      .selectFrom('app_deployment')
      .select('id')
      .executeTakeFirstOrThrow()
    return await follow(examineStores({ ...services, ingest, deploymentId }, options, stop.signal), tell)
  } finally {
    await ingest.close()
  }
}

/** Tells each event and answers the exit status. */
async function follow(events: AsyncIterable<DoctorEvent>, tell: Tell): Promise<number> {
  for await (const event of events) {
    tell(event)
    if (event.type === 'done') return event.summary.remaining > 0 ? 1 : 0
  }
  return 1
}

function printer(options: DoctorOptions): Tell {
  const words = doctorWords(options)
  return (event) => {
    for (const line of words(event)) console.log(line)
  }
}

/** One object at the end, on standard output and nothing else. */
function collector(): Tell {
  const places: unknown[] = []
  const findings: unknown[] = []
  return (event) => {
    if (event.type === 'place') places.push(event.place)
    if (event.type === 'finding') findings.push(event.finding)
    if (event.type === 'done') console.log(JSON.stringify({ places, findings, ...event.summary }, null, 2))
    if (event.type === 'broken') console.error(event.message)
  }
}
