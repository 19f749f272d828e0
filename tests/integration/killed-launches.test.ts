import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Database } from '#lib/db/database.ts'
import { openPostgresDatabase } from '#lib/db/postgres-database.ts'
import { stampOf } from '#lib/training/launchers/stamp.ts'
import { ownerToken } from '#tests/support/app/start-app.ts'
import { expectNoLeaks, type LabClient, labClient, quickSettings } from '#tests/support/app/start-lab.ts'
import { type ManyProcesses, startMany } from '#tests/support/app/start-many.ts'
import type { ProviderFault, SeenRequest } from '#tests/support/providers/provider-server.ts'
import { rentHub } from '#tests/support/providers/rented/rented-hub.ts'
import { rentLambda } from '#tests/support/providers/rented/rented-lambda.ts'
import type { RentedProvider } from '#tests/support/providers/rented/rented-provider.ts'
import { rentRunPod } from '#tests/support/providers/rented/rented-runpod.ts'
import { rentSageMaker } from '#tests/support/providers/rented/rented-sagemaker.ts'
import { runnerOn } from '#tests/support/providers/rented/runner-client.ts'
import { startSupabaseDouble } from '#tests/support/supabase/start-supabase-double.ts'

/**
 * The kill matrix. Every row is a step of a launch, at which every web process and every worker is killed at once, and
 * what the provider does to those who come after; every column is a provider. A job of each cell is brought to its step
 * and kept there by the provider's double, or by a lock in the database, before all of them die together: each process
 * has its hands full of launches then. One web process and one worker are started in their place.
 */
const soon = { timeout: 60_000, interval: 50 }
const { missing } = inject('postgres')

/** What a launch takes up of its process while it waits: a process has eight places. */
const processesOfEach = 3

interface Place {
  rented: RentedProvider
  client: LabClient
}

interface Cell extends Place {
  id: string
  /** What becomes of the request under way when whoever asked is dead. */
  whenDead?(): void
}

interface Row {
  step: string
  /** Brings a job to its step. */
  reach(place: Place): Promise<Cell>
  /** What the provider does to the next request for a machine. */
  next?: ProviderFault
  isCancelled?: true
}

const faults = {
  'fails before creating': { kind: 'answer', status: 503, body: 'Try later' },
  'breaks off while creating': { kind: 'hang-up' },
  'creates and fails': { kind: 'carry-out-and-fail', status: 500 },
  'creates, answer lost': { kind: 'lose-answer' },
} as const satisfies Record<string, ProviderFault>

/** Kept waiting as it asks for its machine: before the provider does anything, or when it has created it. */
const asking = (moment: 'before' | 'after', whenDead: 'drop' | 'release') => async (place: Place) => {
  const held = place.rented.hold(place.rented.is.create, moment)
  const id = await place.client.launch()
  await held.reached
  return { ...place, id, whenDead: held[whenDead] }
}

const cancelledWhile = (reach: Row['reach']) => async (place: Place) => {
  const cell = await reach(place)
  await place.client.cancel(cell.id)
  return cell
}

const recorded = async (place: Place) => {
  const id = await place.client.launch()
  await place.client.untilStatus(id, 'starting')
  return { ...place, id }
}

/** Kept waiting as its machine is ended, by whoever ends it. */
const ending = (moment: 'before' | 'after') => async (place: Place) => {
  const { rented, client } = place
  const cell = await recorded(place)
  const ref = (await client.job(cell.id)).provider_ref!
  const isItsEnd = (request: SeenRequest) =>
    rented.is.end(request) && `${request.path} ${request.text}`.includes(ref)
  const held = rented.hold(isItsEnd, moment, Number.POSITIVE_INFINITY)
  await client.cancel(cell.id)
  await held.reached
  return { ...cell, whenDead: held.drop }
}

const launched = async (place: Place) => ({ ...place, id: await place.client.launch() })

/** Jobs that are brought to their step one after the other. */
const rows: Row[] = [
  { step: 'recorded', reach: recorded },
  { step: 'cancelling: the order to end it never arrives', reach: ending('before'), isCancelled: true },
  { step: 'cancelling: it ends, and nobody hears of it', reach: ending('after'), isCancelled: true },
  { step: 'asked: the request never arrives', reach: asking('before', 'drop') },
  ...(['fails before creating', 'breaks off while creating', 'creates and fails'] as const).map((next) => ({
    step: `asked: never arrives; the next request ${next}`,
    reach: asking('before', 'drop'),
    next: faults[next],
  })),
  { step: 'asked: created when nobody waits any more', reach: asking('before', 'release') },
  { step: 'created: nobody recorded it', reach: asking('after', 'drop') },
  {
    step: 'cancelled while asked: created when nobody waits',
    reach: cancelledWhile(asking('before', 'release')),
    isCancelled: true,
  },
  {
    step: 'cancelled when created: nobody recorded it',
    reach: cancelledWhile(asking('after', 'drop')),
    isCancelled: true,
  },
]

/** Jobs whose launch was not answered, and that are looked for: all lists are kept waiting. */
const lookedFor: Row[] = (['fails before creating', 'creates, answer lost'] as const).map((fault) => ({
  step: `looked for: the provider ${fault}`,
  reach: async (place) => {
    place.rented.failCreation(faults[fault], place.rented.attempts)
    return launched(place)
  },
}))

/** Jobs that are about to be asked for: writing that down is kept waiting by a lock. */
const aboutToAsk: Row[] = [
  { step: 'before it is asked', reach: launched },
  {
    step: 'before it is asked; the next request creates, answer lost',
    reach: launched,
    next: faults['creates, answer lost'],
  },
]

describe.skipIf(missing)(`launches whose processes are killed${missing ? ` (${missing})` : ''}`, () => {
  let many: ManyProcesses
  let places: Place[]
  let supabase: Awaited<ReturnType<typeof startSupabaseDouble>>
  let db: Database
  let deploymentId: string

  beforeAll(async () => {
    supabase = await startSupabaseDouble()
    const providers = await Promise.all([rentRunPod(), rentLambda(), rentHub(), rentSageMaker()])
    many = await startMany(
      {
        SUPABASE_URL: supabase.url,
        SUPABASE_ANON_KEY: supabase.anonKey,
        SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
        ...quickSettings,
        ...Object.assign({}, ...providers.map(({ settings }) => settings)),
      },
      { ofEach: processesOfEach, quick: true },
    )
    db = openPostgresDatabase(many.databaseUrl, () => {}, 2)
    const deployment = await db.service.selectFrom('app_deployment').select('id').executeTakeFirstOrThrow()
    deploymentId = deployment.id
    places = await Promise.all(
      providers.map(async (rented) => ({
        rented,
        client: await labClient(rented, { baseUrl: many.url, token: ownerToken }),
      })),
    )
  })
  afterAll(async () => {
    await db?.close()
    await many?.close()
    await Promise.all((places ?? []).map(({ rented }) => rented.close()))
    await supabase?.close()
  })

  const stampFor = ({ id }: Cell) => stampOf(deploymentId, id)
  const machinesOf = (cell: Cell) => cell.rented.machines().filter(({ name }) => name === stampFor(cell))

  /** A row's job at each provider. */
  type Reached = { row: Row; cells: Cell[] }

  async function reachAll(some: Row[]): Promise<Reached[]> {
    const byPlace = await Promise.all(
      places.map(async (place) => {
        const cells: Cell[] = []
        for (const row of some) cells.push(await row.reach(place))
        return cells
      }),
    )
    return some.map((row, at) => ({ row, cells: byPlace.map((cells) => cells[at]!) }))
  }

  /** Brings the jobs to where they are looked for; answers how the provider forgets whoever looked. */
  async function reachLookedFor(): Promise<{ reached: Reached[]; drop(): void }> {
    const listsFrom = places.map(({ rented }) => rented.seen.length)
    const held = places.map(({ rented }) => rented.hold(rented.is.list, 'before', Number.POSITIVE_INFINITY))
    const reached = await reachAll(lookedFor)
    const lists = () =>
      places.map(({ rented }, at) => rented.seen.slice(listsFrom[at]).filter(rented.is.list).length)
    // One for each job: the caretaker's rounds are held up by the machines that are just being ended.
    await expect.poll(() => Math.min(...lists()), soon).toBeGreaterThanOrEqual(lookedFor.length)
    const drop = () => {
      for (const one of held) one.drop()
    }
    return { reached, drop }
  }

  /** Holds the lock until `whileHeld` is done; it is told when so many processes wait for it. */
  async function aboutToAskAnd(whileHeld: (reached: Reached[]) => Promise<void>): Promise<void> {
    await db.service.transaction().execute(async (trx) => {
      await sql`lock table training_job_leases in exclusive mode`.execute(trx)
      const reached = await reachAll(aboutToAsk)
      const waiting = async () => {
        const { rows } = await sql<{ count: number }>`
          select count(*)::int from pg_locks
          where relation = 'training_job_leases'::regclass and not granted`.execute(db.service)
        return rows[0]!.count
      }
      await expect.poll(waiting, soon).toBe(reached.flatMap(({ cells }) => cells).length)
      await whileHeld(reached)
    })
  }

  function failNext({ row, cells }: Reached): void {
    const fault = row.next
    if (!fault) return
    for (const cell of cells)
      cell.rented.fail(
        (request) => cell.rented.is.create(request) && request.text.includes(stampFor(cell)),
        fault,
        cell.rented.attempts,
      )
  }

  /** What came of a job, in words; throws where it is not what has to be. */
  async function outcomeOf({ isCancelled }: Row, cell: Cell): Promise<string> {
    const created = () => cell.rented.created(stampFor(cell))
    if (isCancelled) {
      const job = await cell.client.untilStatus(cell.id, 'cancelled')
      expect(machinesOf(cell)).toEqual([])
      expect(created()).toBeLessThanOrEqual(1)
      if (job.billed_from) expect(job.billed_until).not.toBeNull()
      return `${created()} created, ${created()} ended`
    }
    const job = await cell.client.untilStatus(cell.id, 'starting')
    // One, ever: there was never a second one that somebody had to end.
    expect(created()).toBe(1)
    const [machine, ...others] = machinesOf(cell)
    expect(others).toEqual([])
    expect(machine?.ref).toBe(job.provider_ref)
    expect((await runnerOn(machine!).lease()).status).toBe(200)
    return '1 created, 1 at work'
  }

  test('never have two machines for one job, and never leave one behind', async () => {
    const reached = await reachAll(rows)
    const { reached: sought, drop } = await reachLookedFor()
    await aboutToAskAnd(async (due) => {
      reached.push(...sought, ...due)
      await Promise.all([...many.webs, ...many.workers].map((one) => one.kill()))
      for (const { cells } of reached) for (const { whenDead } of cells) whenDead?.()
      drop()
    })
    for (const one of reached) failNext(one)
    // To whoever comes after, the list of what is there fails as well at first.
    for (const { rented } of places) rented.failListing({ kind: 'answer', status: 500 }, 2)
    await many.restart(0)

    const outcomes: Record<string, string>[] = await Promise.all(
      reached.map(async ({ row, cells }) => ({
        step: row.step,
        ...Object.fromEntries(
          await Promise.all(
            cells.map(async (cell) => [
              cell.rented.label,
              await outcomeOf(row, cell).catch((error: Error) => `WRONG: ${error.message}`),
            ]),
          ),
        ),
      })),
    )
    process.stdout.write(tableOf(outcomes))
    const wrong = outcomes.flatMap((outcome) =>
      Object.values(outcome).filter((words) => words.includes('WRONG')),
    )
    expect(wrong).toEqual([])

    const living = reached.filter(({ row }) => !row.isCancelled).flatMap(({ cells }) => cells)
    await Promise.all(living.map(({ client, id }) => client.cancel(id)))
    await Promise.all(living.map(({ client, id }) => client.untilStatus(id, 'cancelled')))
    expect(places.flatMap(({ rented }) => rented.machines())).toEqual([])
    expect(await places[0]!.client.orphans()).toEqual([])
    expectNoLeaks(
      places.map(({ rented }) => rented),
      [ownerToken, supabase.serviceRoleKey],
    )
  }, 150_000)
})

function tableOf(outcomes: Record<string, string>[]): string {
  const columns = Object.keys(outcomes[0]!)
  const widths = columns.map((column) =>
    Math.max(...[column, ...outcomes.map((row) => row[column]!)].map((text) => text.length)),
  )
  const line = (texts: string[]) =>
    texts
      .map((text, at) => text.padEnd(widths[at]!))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width))
  return `\n${[columns, rule, ...outcomes.map((row) => columns.map((column) => row[column]!))].map(line).join('\n')}\n\n`
}
