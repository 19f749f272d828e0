import { s3Misfit } from '#lib/training/compatibility.ts'
import { trainingProviderLabels } from '#lib/training/training-config.types.ts'
import type { LaunchRequest } from '../launcher.ts'
import { type FieldProblem, invalidLaunch, parseOptions } from '../parse-options.ts'
import type { AwsAccount } from './account.ts'
import { regionOfImage } from './images.ts'
import { jobFilesOf, manifestPath, s3Uri } from './job-files.ts'
import { deployOptionsSchema, type SageMakerOptions, stoppingSecondsMax } from './options.types.ts'

/** Limits of CreateTrainingJob (service model 2017-07-24). */
const channelsMax = 20
const variablesMax = 100
/** Set by us unless a person sets them otherwise. */
const defaultVariables = 3
const variableNameCharactersMax = 512
const variableCharactersMax = 512
const uriCharactersMax = 1024
const gigabyte = 1024 ** 3

const label = trainingProviderLabels.sagemaker

/** What the start of a training sets itself. */
export const ownVariables = [
  'FINETUNELAB_URL',
  'JOB_ID',
  'JOB_TOKEN',
  'DATASET_URL',
  'DATASET_SHA256',
  'DATASETS_DIR',
  'TRAINING_CONFIG_B64',
  'RUNNER_SHA256',
  'WORK_DIR',
  'INSTALL_TRAINER',
  'PROVIDER_TELLS_END',
  'EXPECT_GPU',
] as const

/** The options as SageMaker would take them; rejects with every problem at once, each with its field. */
export function checkLaunch(
  launch: LaunchRequest,
  account: AwsAccount,
  { anyStore }: { anyStore: boolean },
): SageMakerOptions {
  const options = parseOptions(label, deployOptionsSchema, launch.options)
  const problems = [
    ...timeProblems(launch, options),
    ...imageProblems(options, account.region),
    ...datasetProblems(launch, options, account, anyStore),
    ...environmentProblems(launch.environment),
  ]
  if (problems.length > 0) throw refusal(problems)
  return options
}

function timeProblems({ maxRuntimeSeconds }: LaunchRequest, options: SageMakerOptions): FieldProblem[] {
  const problems: FieldProblem[] = []
  const wait = options.max_wait_seconds
  if (maxRuntimeSeconds < 1 || maxRuntimeSeconds > stoppingSecondsMax)
    problems.push(problem('max_runtime_seconds', 'SageMaker takes 1 s to 28 days (2,419,200 s).'))
  if (wait !== undefined && !options.use_spot_instances)
    problems.push(
      problem(
        'max_wait_seconds',
        'Waiting is for spot instances: set use_spot_instances, or leave this out.',
      ),
    )
  else if (wait !== undefined && wait < maxRuntimeSeconds)
    problems.push(
      problem(
        'max_wait_seconds',
        `It counts waiting and training together, so it has to be at least max_runtime_seconds (${maxRuntimeSeconds}).`,
      ),
    )
  return problems
}

function imageProblems({ training_image_uri: uri }: SageMakerOptions, region: string): FieldProblem[] {
  if (uri === undefined) return []
  const imageRegion = regionOfImage(uri)
  if (!imageRegion)
    return [
      problem(
        'training_image_uri',
        'SageMaker starts images from ECR: 123456789012.dkr.ecr.<region>.amazonaws.com/name:tag.',
      ),
    ]
  if (imageRegion === region) return []
  return [
    problem(
      'training_image_uri',
      `The image is in ${imageRegion}, the training runs in ${region}: name the image of that region.`,
    ),
  ]
}

function datasetProblems(
  launch: LaunchRequest,
  options: SageMakerOptions,
  { region }: AwsAccount,
  anyStore: boolean,
): FieldProblem[] {
  const { datasets } = launch
  if (datasets.length === 0) return [problem('dataset_id', 'Choose a dataset.')]
  if (datasets.length > channelsMax - 1)
    return [problem('datasets', `SageMaker mounts at most ${channelsMax - 1} datasets in one training.`)]
  const files = jobFilesOf(launch)
  const problems = datasets.flatMap(({ datasetId, location, key }): FieldProblem[] => {
    const field = datasets.length === 1 ? 'dataset_id' : `datasets.${datasetId}`
    if (!location.bucket)
      return [
        problem(field, 'SageMaker reads from S3 only. Upload the file again with AWS S3 as its storage.'),
      ]
    const misfit = s3Misfit({ region, anyAddress: anyStore }, location, label)
    if (misfit) return [problem(field, `${misfit.reason} ${misfit.fix}`)]
    const uris = [`s3://${location.bucket}/${key}`, s3Uri(files, manifestPath(datasetId))]
    if (uris.some((uri) => uri.length > uriCharactersMax))
      return [problem(field, `Its S3 address is longer than ${uriCharactersMax} characters.`)]
    return []
  })
  const gigabytes = datasets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / gigabyte
  if (gigabytes > options.volume_size_gb)
    problems.push(
      problem(
        'volume_size_gb',
        `The datasets alone take ${Math.ceil(gigabytes)} GB of a disk of ${options.volume_size_gb} GB.`,
      ),
    )
  return problems
}

function environmentProblems(environment: LaunchRequest['environment']): FieldProblem[] {
  const names = Object.keys(environment)
  const problems = names.flatMap((name): FieldProblem[] => {
    const field = `environment_variables.${name}`
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.length > variableNameCharactersMax)
      return [problem(field, 'A name is letters, digits and "_", and does not begin with a digit.')]
    if ((ownVariables as readonly string[]).includes(name))
      return [problem(field, 'The training sets this one itself.')]
    if (environment[name]!.length > variableCharactersMax)
      return [
        problem(
          field,
          `SageMaker takes at most ${variableCharactersMax} characters; this has ${environment[name]!.length}.`,
        ),
      ]
    return []
  })
  if (names.length > variablesMax - ownVariables.length - defaultVariables)
    problems.push(
      problem(
        'environment_variables',
        `SageMaker takes ${variablesMax}, of which the training needs ${ownVariables.length + defaultVariables} itself.`,
      ),
    )
  return problems
}

/** What is known of the launch only when it happens. */
export function checkAccess(launch: LaunchRequest, baseUrl: string | null): void {
  if (!baseUrl && launch.datasets.length > 1)
    throw refusal([
      {
        field: 'detached',
        message: 'A detached training takes one dataset, because nobody can tell it how to mix several.',
      },
    ])
  if (baseUrl && baseUrl.length > variableCharactersMax)
    throw refusal([
      { field: 'APP_BASE_URL', message: `SageMaker takes at most ${variableCharactersMax} characters.` },
    ])
}

export const refusal = (problems: FieldProblem[]) => invalidLaunch(label, problems)

const problem = (field: string, message: string): FieldProblem => ({ field, message })
