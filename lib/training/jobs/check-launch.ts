import type { z } from 'zod'
import { invalid, misconfigured } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { openTargetStore } from '#lib/training/datasets/open-target-store.ts'
import type { deployBaseSchema, Job } from '#lib/training/job.types.ts'
import type { Launcher } from '#lib/training/launchers/launcher.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import { checkJobEnvironment } from './job-environment.ts'
import { datasetPlaces, runtimeSecondsDefault } from './launch-needs.ts'
import { isReachable } from './reachable-address.ts'

/** Refuses, with the reason and the way out, whatever can be known to fail before the provider is asked. */
export async function checkLaunch(
  services: Pick<Services, 'db' | 'settings' | 'stores' | 'storageAccess'>,
  launcher: Launcher,
  draft: Job,
  request: z.output<typeof deployBaseSchema>,
): Promise<void> {
  const lacking = await launcher.lacks(draft.user_id)
  if (lacking) throw lacking
  await checkTrainer(launcher, draft)
  checkJobEnvironment(request.environment_variables)
  checkReach(services, launcher, draft)
  await checkArtifactStore(services, launcher, draft, request.environment_variables)
  await launcher.validate({
    job: draft,
    options: draft.options,
    environment: request.environment_variables,
    maxRuntimeSeconds: draft.max_runtime_seconds ?? runtimeSecondsDefault,
    datasets: await datasetPlaces(services, draft),
  })
}

async function checkTrainer(launcher: Launcher, { config }: Job): Promise<void> {
  const trainers = await launcher.trainers()
  const trainer = trainers.find((candidate) => candidate.trainer === config.trainer)
  if (!trainer || trainer.available) return
  throw invalid(
    'trainer_missing',
    `The trainer ${config.trainer} cannot run there`,
    trainer.reason ?? undefined,
  )
}

/** By which a person sends the result elsewhere: the runner reads them. */
const otherPlaces = ['ARTIFACTS', 'HF_REPO_ID', 'RESULT_PUT_URL', 'RESULT_DIR']

/** A store that is named is one that results really go to; it, or else the deployment's, can take them now. */
async function checkArtifactStore(
  services: Pick<Services, 'settings' | 'stores' | 'storageAccess'>,
  { capabilities, provider }: Launcher,
  draft: Job,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  if (!draft.artifact_storage_provider) {
    const comesToUs = capabilities.results === 'ours' && !draft.detached
    if (comesToUs && !otherPlaces.some((name) => environment[name]?.trim()))
      await openTargetStore(services, { id: draft.user_id }, services.settings.ARTIFACT_STORAGE_PROVIDER)
    return
  }
  const label = trainingProviderLabels[provider]
  const elsewhere =
    capabilities.results === 'own'
      ? `${label} keeps the result in a place of its own.`
      : draft.detached
        ? 'A detached machine cannot send us anything. Name a Hugging Face repository in HF_REPO_ID and HF_TOKEN.'
        : null
  if (elsewhere)
    throw invalid('result_not_ours', 'The result does not come to us', [
      { field: 'artifact_storage_provider', message: `${elsewhere} Leave it out.` },
    ])
  await openTargetStore(services, { id: draft.user_id }, draft.artifact_storage_provider)
}

/** A machine elsewhere has to reach us, or to do without us. */
function checkReach(
  { settings }: Pick<Services, 'settings'>,
  { capabilities, provider }: Launcher,
  draft: Job,
) {
  const label = trainingProviderLabels[provider]
  if (draft.detached) {
    if (!capabilities.canDetach)
      throw invalid('cannot_detach', `${label} cannot train detached`, [
        { field: 'detached', message: 'Leave it out.' },
      ])
    if (draft.datasets.length > 1)
      throw invalid('cannot_detach', 'A detached training takes one dataset', [
        {
          field: 'detached',
          message: 'Its one link is made at launch. Name one dataset, or set APP_BASE_URL.',
        },
      ])
    return
  }
  if (capabilities.onThisMachine || isReachable(settings)) return
  const missing = settings.APP_BASE_URL
    ? `APP_BASE_URL is ${settings.APP_BASE_URL}, which only this machine can reach.`
    : 'APP_BASE_URL is not set.'
  const detach = capabilities.canDetach
    ? ' Or launch with "detached": true: a link to the data that is good for two hours, status by asking the provider, no live loss.'
    : ''
  throw misconfigured(
    'app_base_url_unreachable',
    `A machine at ${label} cannot reach this application`,
    `${missing} The operator sets it to an address that the internet reaches (a domain, or a tunnel).${detach}`,
  )
}
