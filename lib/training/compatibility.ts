import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import { type StorageProvider, storageProviderLabels } from '#lib/storage/storage-provider.types.ts'
import type { Verdict } from './compatibility.types.ts'
import { type CanonicalShape, canonicalShapeOf, type DatasetFormat } from './dataset.types.ts'
import { factOfEach } from './launchers/all-facts.types.ts'
import type { DataNeeds } from './launchers/facts.types.ts'
import {
  shapeForMethod,
  type TrainingMethod,
  type TrainingProvider,
  trainingMethodLabels,
  trainingProviderLabels,
  trainingProviders,
} from './training-config.types.ts'

export const trainerNeeds = factOfEach('data')

/** Names that mean a provider, in any case; null for one that nobody knows, which filters nothing. */
export function trainingProviderNamed(name: string): TrainingProvider | null {
  const lower = name.trim().toLowerCase()
  if (lower === 'aws') return 'sagemaker'
  return trainingProviders.find((provider) => provider === lower) ?? null
}

export interface CompatibilityQuestion {
  provider: TrainingProvider | null
  method: TrainingMethod | null
  allowCrossStorage: boolean
  dataset: {
    storage_provider: StorageProvider
    storage_region: string | null
    storage_endpoint: string | null
    format: DatasetFormat | null
  }
  /** Where a training that reads s3:// will run. */
  s3Reader: S3Reader
}

export interface S3Reader {
  /** Null where it is not known: then no region is the wrong one. */
  region: string | null
  /** Stands for Amazon's at an address of its own, and may read what only says that it is S3. */
  anyAddress: boolean
}

/** The one rule: may this trainer learn from this dataset, and if not, why, and what would help. */
export function judge(question: CompatibilityQuestion): Verdict {
  const misfit = judgeMethod(question)
  if (misfit) return misfit
  return judgeStore(question)
}

function judgeMethod({ method, dataset }: CompatibilityQuestion): Verdict | null {
  if (!method || !dataset.format) return null
  const shape = canonicalShapeOf[dataset.format]
  const wanted = shapeForMethod[method]
  if (shape === wanted) return null
  const others = (Object.keys(shapeForMethod) as TrainingMethod[]).filter(
    (other) => shapeForMethod[other] === shape,
  )
  return no(
    `${trainingMethodLabels[method]} learns from ${shapeWords[wanted]}; this dataset holds ${shapeWords[shape]}.`,
    others.length > 0
      ? `Choose ${others.map((other) => trainingMethodLabels[other]).join(' or ')}, or upload data in a form that fits.`
      : 'Upload the data in one of the training formats.',
  )
}

const shapeWords = {
  chat: 'conversations',
  preference: 'pairs of a chosen and a rejected answer',
  kto: 'answers labelled good or bad',
  reward: 'answers with a reward',
  text: 'plain text',
  rows: 'rows of no known training format',
} as const satisfies Record<CanonicalShape, string>

function judgeStore({ provider, dataset, allowCrossStorage, s3Reader }: CompatibilityQuestion): Verdict {
  if (!provider) return yes()
  const needs: DataNeeds = trainerNeeds[provider]
  const store = dataset.storage_provider
  const { capabilities } = storageCatalog[store]
  const [trainer, place] = [trainingProviderLabels[provider], storageProviderLabels[store].place]

  if (needs.reads === 's3') {
    if (!capabilities.hasS3Uri) {
      return no(
        `${trainer} reads from S3 only; this dataset is on ${place}.`,
        'Upload the file again with AWS S3 as its storage.',
      )
    }
    const misfit = s3Misfit(
      s3Reader,
      { region: dataset.storage_region, endpoint: dataset.storage_endpoint },
      trainer,
    )
    return misfit ? no(misfit.reason, misfit.fix) : yes()
  }
  if (needs.home.includes(store)) return yes()
  if (needs.reads === 'https' && !capabilities.servesRemoteReaders) {
    return no(
      `This dataset is on the disk of this machine, which ${trainer} cannot reach.`,
      `Upload the file again with ${homeWords(needs)} as its storage.`,
    )
  }
  if (allowCrossStorage) return { selectable: true, reason: null, fix: null, cross_storage: true }
  return {
    ...no(
      `${trainer} uses ${homeWords(needs)} by default; this dataset is on ${place}.`,
      'Switch on "Include datasets on other storage". Egress fees may apply.',
    ),
    cross_storage: true,
  }
}

/** Why a trainer that mounts s3:// cannot mount what lies there, or null. */
export function s3Misfit(
  { region, anyAddress }: S3Reader,
  place: { region: string | null; endpoint: string | null },
  trainer: string,
): { reason: string; fix: string } | null {
  if (!anyAddress && place.endpoint && !isAmazons(place.endpoint))
    return {
      reason: `${trainer} reads from Amazon S3 only; this dataset is at ${hostOf(place.endpoint)}.`,
      fix: 'Upload the file again to a bucket of your AWS account.',
    }
  if (region && place.region && region !== place.region)
    return {
      reason: `${trainer} needs the data in its own region, ${region}; this dataset is in ${place.region}.`,
      fix: `Set the region of the AWS secret to ${place.region}, or upload the file to a bucket in ${region}.`,
    }
  return null
}

const hostOf = (endpoint: string): string => (URL.canParse(endpoint) ? new URL(endpoint).host : endpoint)

/** `amazonaws.com` and, for China, `amazonaws.com.cn`. */
const isAmazons = (endpoint: string): boolean =>
  URL.canParse(endpoint) && /(^|\.)amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname)

function homeWords({ home }: DataNeeds): string {
  return home.map((store) => storageProviderLabels[store].place).join(' or ')
}

const yes = (): Verdict => ({ selectable: true, reason: null, fix: null, cross_storage: false })
const no = (reason: string, fix: string): Verdict => ({
  selectable: false,
  reason,
  fix,
  cross_storage: false,
})
