/**
 * `npm run doctor`: compares what the database says with what the stores hold, and mends what differs when it is told
 * to. Nothing is written without `mend`. Mending removes bytes in two cases only: where their owner, or nobody any more,
 * was going to have them removed (unfinished uploads and deletions), and with `orphans: 'remove'`, objects that bear this
 * deployment's mark and that no row, no upload and no recent write speaks for.
 */

import { isAppError } from '#lib/errors/app-error.ts'
import type { StorageService } from '#lib/storage/storage-service.ts'
import { reasonOf } from './adopt-object.ts'
import {
  type DoctorEvent,
  type DoctorOptions,
  type DoctorSummary,
  type Finding,
  findingSeverities,
} from './doctor.types.ts'
import { examineFailed } from './examine-failed.ts'
import { examineObject } from './examine-object.ts'
import { examineReady } from './examine-ready.ts'
import { examineUnfinished, examineUploads } from './examine-unfinished.ts'
import { aboutObject, type Case, claimOf, type DoctorServices, findingAbout, type Place } from './place.ts'
import { surveyPlaces } from './survey-places.ts'

export async function* examineStores(
  services: DoctorServices,
  options: DoctorOptions,
  signal: AbortSignal,
): AsyncGenerator<DoctorEvent> {
  const summary: DoctorSummary = { wrong: 0, mended: 0, remaining: 0, notes: 0 }
  for await (const event of examine(services, options, signal)) {
    signal.throwIfAborted()
    if (!('mend' in event)) {
      yield event
      continue
    }
    const finding = options.mend ? await mended(event) : unmended(event)
    if (finding.severity === 'note') summary.notes += 1
    else summary.wrong += 1
    if (finding.outcome === 'mended') summary.mended += 1
    yield { type: 'finding', finding }
  }
  summary.remaining = summary.wrong - summary.mended
  yield { type: 'done', summary }
}

async function* examine(
  services: DoctorServices,
  options: DoctorOptions,
  signal: AbortSignal,
): AsyncGenerator<Case | Extract<DoctorEvent, { type: 'place' }>> {
  const survey = await surveyPlaces(services, signal)
  const { places, failed } = survey
  const claims = new Set<string>()
  const claim = (place: Place, key: string) => void claims.add(claimOf(place, key))
  for (const place of places)
    for (const { storage_path } of place.datasets) if (storage_path) claim(place, storage_path)

  for (const place of places) {
    yield { type: 'place', place: reportOf(place) }
    if (isOpen(place)) yield* examineRows(services, place, options, signal)
    else yield unreachable(place)
  }
  for (const dataset of failed) yield* examineFailed(services, dataset, survey, claim, signal)
  yield* examineUploads(services)
  for (const place of places) {
    if (!isOpen(place)) continue
    for (const object of place.objects.values()) {
      if (claims.has(claimOf(place, object.key))) continue
      yield* orUnreadable(examineObject(services, place, object, options, signal), aboutObject(place, object))
    }
  }
}

async function* examineRows(
  services: DoctorServices,
  place: Place & { store: StorageService },
  options: DoctorOptions,
  signal: AbortSignal,
): AsyncGenerator<Case> {
  for (const dataset of place.datasets) {
    const cases =
      dataset.status === 'ready'
        ? examineReady(services, place, dataset, options, signal)
        : examineUnfinished(services, place, dataset)
    yield* orUnreadable(cases, findingAbout(place, dataset))
  }
}

/** A store that fails in the middle is a finding, and the others are looked into all the same. */
async function* orUnreadable(
  cases: AsyncGenerator<Case>,
  about: Omit<Case['finding'], 'code' | 'message' | 'remedy'>,
): AsyncGenerator<Case> {
  try {
    yield* cases
  } catch (error) {
    if (isAppError(error) && error.kind === 'aborted') throw error
    const message = `It could not be looked at: ${reasonOf(error)}`
    const remedy = 'Run the doctor again when the store answers.'
    yield { finding: { code: 'store_unreachable', ...about, message, remedy }, mend: null }
  }
}

const isOpen = (place: Place): place is Place & { store: StorageService } =>
  place.store !== null && place.problem === null

function unreachable({ provider, words, userId, datasets, problem }: Place): Case {
  const nothing = { key: null, dataset_id: null, name: null, size_bytes: null }
  return {
    finding: {
      code: 'store_unreachable',
      provider,
      place: words,
      user_id: userId,
      ...nothing,
      message: `${words} could not be looked into: ${problem ? reasonOf(problem) : 'it has no address.'}`,
      remedy: `Nothing is known of its ${datasets.length} datasets until it can be read.`,
    },
    mend: null,
  }
}

function reportOf({ provider, words, userId, datasets, objects }: Place) {
  const bytes = objects.values().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return {
    provider,
    place: words,
    user_id: userId,
    datasets: datasets.length,
    objects: objects.size,
    bytes,
  }
}

const unmended = ({ finding }: Case): Finding => ({
  ...finding,
  severity: findingSeverities[finding.code],
  outcome: null,
  did: null,
})

async function mended(found: Case): Promise<Finding> {
  const { mend } = found
  if (!mend) return { ...unmended(found), outcome: 'left' }
  try {
    return { ...unmended(found), outcome: 'mended', did: await mend() }
  } catch (error) {
    return { ...unmended(found), outcome: 'failed', did: reasonOf(error) }
  }
}
