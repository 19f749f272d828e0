import { gpusOf } from '#lib/training/cost/price-table.ts'
import type { LogLine } from '#lib/training/job.types.ts'
import type { Inspection, LaunchRequest, Outcome, RunnerAccess } from '../launcher.ts'
import type { AwsAccount } from './account.ts'
import type { Channel, CreateTrainingJob, LogEvent, TrainingJob } from './api-types.ts'
import { defaultImage } from './images.ts'
import {
  codeChannel,
  inputFolder,
  type JobFiles,
  manifestPath,
  mountedPath,
  s3Uri,
  startScript,
} from './job-files.ts'
import { type SageMakerOptions, stoppingSecondsMax } from './options.types.ts'

export interface RequestParts {
  name: string
  launch: LaunchRequest
  access: RunnerAccess
  options: SageMakerOptions
  account: AwsAccount
  files: JobFiles
  /** Of the runner's file that lies in the code channel, hex. */
  runnerSha256: string
}

export function trainingJobRequest(parts: RequestParts): CreateTrainingJob {
  const { name, launch, options, account, files } = parts
  return {
    TrainingJobName: name,
    RoleArn: account.roleArn ?? '',
    AlgorithmSpecification: {
      TrainingImage: options.training_image_uri ?? defaultImage(account.region),
      TrainingInputMode: 'File',
      ContainerEntrypoint: ['/bin/bash', `${inputFolder}/${codeChannel}/${startScript}`],
    },
    InputDataConfig: [
      channel(codeChannel, 'S3Prefix', s3Uri(files, `${codeChannel}/`)),
      ...launch.datasets.map(({ datasetId }) =>
        channel(datasetId, 'ManifestFile', s3Uri(files, manifestPath(datasetId))),
      ),
    ],
    OutputDataConfig: { S3OutputPath: s3Uri(files, 'output/'), CompressionType: 'NONE' },
    ResourceConfig: {
      InstanceType: options.instance_type,
      InstanceCount: options.instance_count,
      VolumeSizeInGB: options.volume_size_gb,
    },
    StoppingCondition: stoppingCondition(launch.maxRuntimeSeconds, options),
    CheckpointConfig: { S3Uri: s3Uri(files, 'checkpoints/'), LocalPath: '/opt/ml/checkpoints' },
    Environment: environment(parts),
    EnableManagedSpotTraining: options.use_spot_instances,
    ProfilerConfig: { DisableProfiler: true },
  }
}

/** Without spot the wait must be absent; with it, it is the sum of waiting and training. */
function stoppingCondition(maxRuntimeSeconds: number, options: SageMakerOptions) {
  if (!options.use_spot_instances) return { MaxRuntimeInSeconds: maxRuntimeSeconds }
  const wait = options.max_wait_seconds ?? Math.min(2 * maxRuntimeSeconds, stoppingSecondsMax)
  return { MaxRuntimeInSeconds: maxRuntimeSeconds, MaxWaitTimeInSeconds: wait }
}

/** No link and no key: the data comes by channels, and a signed S3 link would not fit in 512 characters anyway. */
function environment({
  name,
  launch,
  access,
  options,
  files,
  runnerSha256,
}: RequestParts): Record<string, string> {
  const first = launch.datasets[0]
  // Proved before anything is downloaded. The smoke test trains on the processor.
  const gpus = launch.job.config.trainer === 'smoke' ? 0 : gpusOf('sagemaker', options.instance_type)
  return {
    // SageMaker takes the result and the checkpoints to S3 itself; a person may want them elsewhere too.
    ARTIFACTS: 'none',
    RESULT_URI: `${s3Uri(files, 'output/')}${name}/output/model`,
    // SageMaker waits 120 s between its signal and the end.
    STOP_GRACE_SECONDS: '90',
    ...launch.environment,
    JOB_ID: launch.job.id,
    ...(access.baseUrl ? { FINETUNELAB_URL: access.baseUrl, JOB_TOKEN: access.token } : {}),
    ...(first ? { DATASET_URL: `file://${mountedPath(first)}`, DATASET_SHA256: access.dataset.sha256 } : {}),
    DATASETS_DIR: inputFolder,
    RUNNER_SHA256: runnerSha256,
    INSTALL_TRAINER: '1',
    PROVIDER_TELLS_END: '1',
    ...(gpus > 0 ? { EXPECT_GPU: String(gpus) } : {}),
  }
}

function channel(name: string, type: 'S3Prefix' | 'ManifestFile', uri: string): Channel {
  return {
    ChannelName: name,
    DataSource: {
      S3DataSource: { S3DataType: type, S3Uri: uri, S3DataDistributionType: 'FullyReplicated' },
    },
  }
}

/** The instances are there, and billed. */
const runningStatuses = new Set(['Downloading', 'Training', 'Uploading', 'Stopping'])
const timeoutStatuses = ['MaxRuntimeExceeded', 'MaxWaitTimeExceeded'] as const

export function inspectionOf(job: TrainingJob | null, usdPerHour: number | null): Inspection {
  if (!job) return { state: 'gone', outcome: null }
  const billed = job.BillableTimeInSeconds === undefined ? {} : { billedSeconds: job.BillableTimeInSeconds }
  switch (job.TrainingJobStatus) {
    case 'Completed': {
      const resultPath = job.ModelArtifacts?.S3ModelArtifacts
      return {
        state: 'gone',
        outcome: { status: 'succeeded', ...(resultPath ? { resultPath } : {}) },
        ...billed,
      }
    }
    case 'Failed':
      return { state: 'gone', outcome: failure(job), ...billed }
    case 'Stopped':
      return { state: 'gone', outcome: stop(job), ...billed }
    case 'Deleting':
      return { state: 'gone', outcome: null }
    default:
      return {
        state: 'present',
        phase: runningStatuses.has(job.SecondaryStatus) ? 'running' : 'pending',
        usdPerHour,
      }
  }
}

function failure({ FailureReason }: TrainingJob): Outcome {
  const message = FailureReason || 'SageMaker gives no reason; its log may.'
  const code = /capacity/i.test(message) ? 'no_capacity' : 'training_failed'
  return { status: 'failed', error: { code, message } }
}

/** Running out of time ends as a stop, too: which it was is told by the secondary status, or by its history. */
function stop(job: TrainingJob): Outcome {
  const history = (job.SecondaryStatusTransitions ?? []).map(({ Status }) => Status)
  const timeout = timeoutStatuses.find((status) => job.SecondaryStatus === status || history.includes(status))
  if (!timeout) return { status: 'cancelled' }
  const message =
    timeout === 'MaxWaitTimeExceeded'
      ? 'No spot instance was had for long enough before max_wait_seconds had passed.'
      : 'The training ran longer than its max_runtime_seconds and was stopped by SageMaker.'
  return { status: 'timed_out', error: { code: timeout, message } }
}

const lineCharactersMax = 16_384

export function logLineOf({ timestamp, message }: LogEvent): LogLine {
  return {
    at: new Date(timestamp).toISOString(),
    stream: message.startsWith('[runner] ') ? 'runner' : 'stdout',
    level: 'info',
    line: message.replace(/\s+$/u, '').slice(0, lineCharactersMax),
  }
}
