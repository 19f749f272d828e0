import type { CreateTrainingJob } from '#lib/training/launchers/sagemaker/api-types.ts'
import {
  type ProviderAnswer,
  type ProviderDouble,
  type SeenRequest,
  startProviderServer,
} from '../provider-server.ts'
import { LogDouble } from './log-double.ts'
import { faultsOf, loadModel } from './service-model.ts'
import { signatureFault } from './signature.ts'
import { arnOf, DoubleTrainingJob, type Plan, usualPlan } from './training-job.ts'

export interface SageMakerDouble extends ProviderDouble {
  /** Where its limits are from. */
  modelSource: string
  accessKeyId: string
  jobs: Map<string, DoubleTrainingJob>
  logs: LogDouble
  /** Every request as it came: the operation and the body's text. */
  requests: { operation: string; body: string; headers: Record<string, unknown> }[]
  /** What becomes of jobs that are created from now on. */
  plan: Plan
  /** Instance types and how many the account may run; others have no limit. */
  quotas: Map<string, number>
  /** Taken once each, by the next request of that operation. */
  faults: Fault[]
  /** The account that the keys belong to; null: the keys may not ask. */
  accountId: string | null
}

export interface Fault {
  operation: string
  /** An error code; `hang_up`: the connection breaks before anything happens; `answer_lost`: after it has happened. */
  what: string
  status?: number
  message?: string
}

class Refusal extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

export interface DoubleOptions {
  accessKeyId?: string
  region?: string
}

/**
 * SageMaker, with the CloudWatch Logs and STS calls that go with it, as strict as the real one: AWS JSON 1.1, requests
 * checked against the service model, names unique for ever, quotas, stops that take their time.
 */
export async function startSageMakerDouble({
  accessKeyId = 'AKIADOUBLE0000000001',
  region = 'us-east-1',
}: DoubleOptions = {}): Promise<SageMakerDouble> {
  const model = loadModel()
  const double: Omit<SageMakerDouble, keyof ProviderDouble> = {
    modelSource: model.source,
    accessKeyId,
    jobs: new Map(),
    logs: new LogDouble(),
    requests: [],
    plan: usualPlan,
    quotas: new Map(),
    faults: [],
    accountId: '123456789012',
  }

  const find = (name: unknown): DoubleTrainingJob => {
    const job = double.jobs.get(String(name))
    if (!job) throw new Refusal('ValidationException', 'Requested resource not found.')
    return job
  }

  const operations: Record<string, (body: Record<string, unknown>) => unknown> = {
    CreateTrainingJob(body) {
      const request = body as unknown as CreateTrainingJob
      checkRules(request, region)
      if (double.jobs.has(request.TrainingJobName))
        throw new Refusal(
          'ResourceInUse',
          `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arnOf(request.TrainingJobName)})`,
        )
      checkQuota(double, request)
      double.jobs.set(request.TrainingJobName, new DoubleTrainingJob(request, double.plan))
      return { TrainingJobArn: arnOf(request.TrainingJobName) }
    },
    DescribeTrainingJob: ({ TrainingJobName }) => find(TrainingJobName).look(),
    StopTrainingJob({ TrainingJobName }) {
      const job = find(TrainingJobName)
      if (job.ended)
        throw new Refusal(
          'ValidationException',
          `The request was rejected because the training job is in status ${job.status}.`,
        )
      job.follow('Stopping', 'Stopping', 'Stopped')
      return {}
    },
    ListTrainingJobs({ NameContains = '', StatusEquals, MaxResults = 10, NextToken = '0' }) {
      const found = [...double.jobs.values()].filter(
        (job) =>
          job.request.TrainingJobName.includes(String(NameContains)) &&
          (StatusEquals === undefined || job.status === StatusEquals),
      )
      const end = Number(NextToken) + Number(MaxResults)
      return {
        TrainingJobSummaries: found.slice(Number(NextToken), end).map((job) => job.summary()),
        ...(end < found.length ? { NextToken: String(end) } : {}),
      }
    },
    DescribeLogStreams: (body) => double.logs.describeStreams(body) ?? missingGroup(),
    GetLogEvents: (body) => double.logs.events(body) ?? missingGroup(),
  }

  function answer(request: SeenRequest): ProviderAnswer {
    const { text } = request
    const [service, operation] = operationOf(request)
    double.requests.push({ operation, body: text, headers: { ...request.headers } })
    const at = double.faults.findIndex((fault) => fault.operation === operation)
    const [fault] = at < 0 ? [] : double.faults.splice(at, 1)
    if (fault?.what === 'hang_up') return hangUp
    if (fault && fault.what !== 'answer_lost')
      throw new Refusal(fault.what, fault.message ?? 'Rate exceeded', fault.status)
    const signature = signatureFault(request.headers, { accessKeyId, region, service })
    if (signature) throw new Refusal(signature, 'The security token included in the request is invalid.', 403)
    if (service === 'sts') return identity(double.accountId)
    const perform = operations[operation]
    if (!perform) throw new Refusal('UnknownOperationException', operation)
    const body = parse(text)
    if (service === 'sagemaker') {
      const faults = faultsOf(model, `${operation}Request`, body)
      if (faults.length > 0)
        throw new Refusal(
          'ValidationException',
          `${faults.length} validation errors detected: ${faults.join('; ')}`,
        )
    }
    const result = perform(body)
    return fault?.what === 'answer_lost' ? hangUp : answered(200, result)
  }

  const server = await startProviderServer((request) => {
    try {
      return answer(request)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return answered(error.status, { __type: error.code, message: error.message })
    }
  })
  return Object.assign(double, server)
}

/** Rules between fields, which the service model does not state. */
function checkRules(request: CreateTrainingJob, region: string): void {
  const { MaxRuntimeInSeconds, MaxWaitTimeInSeconds } = request.StoppingCondition
  const refuse = (message: string) => {
    throw new Refusal('ValidationException', message)
  }
  if (!request.EnableManagedSpotTraining && MaxWaitTimeInSeconds !== undefined)
    refuse('MaxWaitTimeInSeconds is only supported when EnableManagedSpotTraining is set to true')
  if (request.EnableManagedSpotTraining && MaxWaitTimeInSeconds === undefined)
    refuse('MaxWaitTimeInSeconds is required for managed spot training')
  if (MaxWaitTimeInSeconds !== undefined && MaxWaitTimeInSeconds < MaxRuntimeInSeconds)
    refuse('MaxWaitTimeInSeconds must be greater than or equal to MaxRuntimeInSeconds')
  if (MaxRuntimeInSeconds > 2_419_200) refuse('MaxRuntimeInSeconds must be at most 2419200')
  if (!request.AlgorithmSpecification.TrainingImage.includes(`.ecr.${region}.`))
    refuse(`The image is not in region ${region}`)
  const names = request.InputDataConfig.map(({ ChannelName }) => ChannelName)
  if (new Set(names).size !== names.length) refuse('Channel names must be unique')
}

function checkQuota(double: Pick<SageMakerDouble, 'jobs' | 'quotas'>, request: CreateTrainingJob): void {
  const { InstanceType: type, InstanceCount: wanted } = request.ResourceConfig
  const quota = double.quotas.get(type)
  if (quota === undefined) return
  const used = [...double.jobs.values()].filter(
    (job) => !job.ended && job.request.ResourceConfig.InstanceType === type,
  ).length
  if (used + wanted > quota)
    throw new Refusal(
      'ResourceLimitExceeded',
      `The account-level service limit '${type} for training job usage' is ${quota} Instances, with current utilization of ${used} Instances and a request delta of ${wanted} Instances.`,
    )
}

/** What a request asks for: `SageMaker.CreateTrainingJob`, for one. */
export const targetOf = ({ headers }: SeenRequest) => headers['x-amz-target'] ?? ''

function operationOf(request: SeenRequest): [service: string, operation: string] {
  const [prefix, operation] = targetOf(request).split('.')
  if (request.method !== 'POST' || request.path !== '/')
    throw new Refusal('UnknownOperationException', 'POST / only', 404)
  if (!operation) return ['sts', new URLSearchParams(request.text).get('Action') ?? '']
  if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
    throw new Refusal('SerializationException', 'Not AWS JSON 1.1')
  if (prefix === 'SageMaker') return ['sagemaker', operation]
  if (prefix === 'Logs_20140328') return ['logs', operation]
  throw new Refusal('UnknownOperationException', String(prefix))
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new Refusal('SerializationException', 'The body is not JSON')
  }
}

function identity(accountId: string | null): ProviderAnswer {
  const headers = { 'content-type': 'text/xml' }
  return accountId
    ? {
        status: 200,
        headers,
        body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${accountId}:user/double</Arn><UserId>AIDADOUBLE</UserId><Account>${accountId}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${crypto.randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
      }
    : {
        status: 403,
        headers,
        body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not allowed</Message></Error><RequestId>${crypto.randomUUID()}</RequestId></ErrorResponse>`,
      }
}

const answered = (status: number, body: unknown): ProviderAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': crypto.randomUUID() },
  body,
})

/** The connection breaks before anything of an answer was sent. */
const hangUp: ProviderAnswer = { status: 200, stream: (response) => void response.destroy() }

function missingGroup(): never {
  throw new Refusal('ResourceNotFoundException', 'The specified log group does not exist.')
}
