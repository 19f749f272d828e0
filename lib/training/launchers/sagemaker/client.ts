/** The only file that knows Amazon's SDKs. */
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  DescribeTrainingJobCommand,
  paginateListTrainingJobs,
  SageMakerClient,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import type { AwsAccount } from './account.ts'
import type { SageMakerApi, TrainingJob } from './api-types.ts'
import { hasEnded, isMissing } from './errors.ts'

export const logGroup = '/aws/sagemaker/TrainingJobs'
const connectMilliseconds = 10_000
const answerMilliseconds = 30_000
/** First try included. A launch may be sent again: its name makes it happen once. */
const attemptsMax = 4

/** `endpoint`: another address for SageMaker, where the logs and the identity are asked for too. */
export function createSageMakerApi(account: AwsAccount, endpoint: string | null): SageMakerApi {
  const settings = {
    region: account.region,
    credentials: { accessKeyId: account.accessKeyId, secretAccessKey: account.secretAccessKey },
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: attemptsMax,
    requestHandler: {
      connectionTimeout: connectMilliseconds,
      requestTimeout: answerMilliseconds,
      throwOnRequestTimeout: true,
    },
  }
  const sagemaker = new SageMakerClient(settings)
  const logs = new CloudWatchLogsClient(settings)
  const sts = new STSClient(settings)

  return {
    async createTrainingJob(request) {
      await sagemaker.send(new CreateTrainingJobCommand(request as CreateTrainingJobCommandInput))
    },

    async describeTrainingJob(name) {
      return orNullIfMissing(async () => {
        const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }))
        return job as unknown as TrainingJob
      })
    },

    async stopTrainingJob(name) {
      try {
        await sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: name }))
      } catch (error) {
        if (!isMissing(error) && !hasEnded(error)) throw error
      }
    },

    async *listTrainingJobs(nameContains, status) {
      const query = { NameContains: nameContains, StatusEquals: status, MaxResults: 100 }
      for await (const page of paginateListTrainingJobs({ client: sagemaker }, query)) {
        for (const { TrainingJobName, CreationTime } of page.TrainingJobSummaries ?? []) {
          if (TrainingJobName) yield { TrainingJobName, CreationTime: CreationTime ?? null }
        }
      }
    },

    async accountId() {
      const { Account } = await sts.send(new GetCallerIdentityCommand({}))
      return Account ?? ''
    },

    async logStreams(namePrefix) {
      const found = await orNullIfMissing(() =>
        logs.send(new DescribeLogStreamsCommand({ logGroupName: logGroup, logStreamNamePrefix: namePrefix })),
      )
      const streams = [...(found?.logStreams ?? [])]
      streams.sort((a, b) => (a.creationTime ?? 0) - (b.creationTime ?? 0))
      return streams.flatMap(({ logStreamName }) => (logStreamName ? [logStreamName] : []))
    },

    async logEvents(stream, token) {
      const page = await logs.send(
        new GetLogEventsCommand({
          logGroupName: logGroup,
          logStreamName: stream,
          startFromHead: true,
          ...(token ? { nextToken: token } : {}),
        }),
      )
      return {
        events: (page.events ?? []).map(({ timestamp, message }) => ({
          timestamp: timestamp ?? 0,
          message: message ?? '',
        })),
        token: page.nextForwardToken ?? token ?? '',
      }
    },

    close() {
      for (const client of [sagemaker, logs, sts]) client.destroy()
    },
  }
}

async function orNullIfMissing<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
