import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { CreateTrainingJob } from '#lib/training/launchers/sagemaker/api-types.ts'
import { startInProcessS3 } from '../../s3-server/in-process-s3.ts'
import type { SeenRequest } from '../provider-server.ts'
import { type SageMakerDouble, startSageMakerDouble, targetOf } from '../sagemaker/start-sagemaker-double.ts'
import { DoubleTrainingJob } from '../sagemaker/training-job.ts'
import { countOf, type RentedProvider } from './rented-provider.ts'

type S3 = Awaited<ReturnType<typeof startInProcessS3>>

const bucket = 'training-data'
const region = 'us-east-1'

/** With the S3 that its data has to lie in. */
export async function rentSageMaker(): Promise<RentedProvider & { double: SageMakerDouble }> {
  const s3 = await startInProcessS3()
  await makeBucket(s3)
  const double = await startSageMakerDouble({ accessKeyId: s3.accessKeyId, region })
  const asks = (operation: string) => (request: SeenRequest) => targetOf(request) === `SageMaker.${operation}`
  const is = {
    create: asks('CreateTrainingJob'),
    look: asks('DescribeTrainingJob'),
    list: asks('ListTrainingJobs'),
    end: asks('StopTrainingJob'),
  }
  return {
    double,
    provider: 'sagemaker',
    label: 'SageMaker',
    settings: { SAGEMAKER_ENDPOINT: double.url, ALLOW_PRIVATE_ADDRESSES: 'true' },
    secret: {
      provider: 'aws',
      api_key: s3.accessKeyId,
      metadata: {
        aws: {
          secret_access_key: s3.secretAccessKey,
          region,
          s3_bucket: bucket,
          endpoint: s3.endpoint,
          force_path_style: true,
          iam_role_arn: 'arn:aws:iam::123456789012:role/finetunelab',
        },
      },
    },
    seen: double.seen,
    execute() {
      throw new Error('What a training does there is told by sagemaker/run-container.ts')
    },
    options: { instance_type: 'ml.g5.xlarge' },
    machine: { id: 'ml.g5.xlarge', usdPerHour: 1.408 },
    // SageMaker tells none: they are in the table that we ship.
    setPrice: null,
    is,
    attempts: 4,
    failCreation: (fault, times) => double.fail(is.create, fault, times),
    failListing: (fault, times) => double.fail(is.list, fault, times),
    fail: double.fail,
    hold: double.hold,
    machines: () =>
      [...double.jobs.values()]
        .filter(({ ended }) => !ended)
        .map(({ request }) => ({
          ref: request.TrainingJobName,
          name: request.TrainingJobName,
          environment: request.Environment as Record<string, string>,
        })),
    isUp: (ref) => double.jobs.get(ref)?.secondary === 'Training',
    created: (name) => countOf([...double.jobs.keys()], name),
    takeAway: (ref) => double.jobs.get(ref)?.follow('Stopped'),
    comeToItsEnd: (ref) => double.jobs.get(ref)?.follow('Uploading', 'Completed'),
    putUp(name) {
      double.jobs.set(name, new DoubleTrainingJob(strayRequest(name), double.plan))
      return name
    },
    room: null,
    slowEnd() {
      throw new Error('A training stops in as many looks as there are steps, whatever the time')
    },
    async close() {
      await double.close()
      await s3.close()
    },
  }
}

async function makeBucket({ endpoint, accessKeyId, secretAccessKey }: S3): Promise<void> {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
}

function strayRequest(name: string): CreateTrainingJob {
  const s3Uri = `s3://${bucket}/stray/`
  return {
    TrainingJobName: name,
    RoleArn: 'arn:aws:iam::123456789012:role/finetunelab',
    AlgorithmSpecification: {
      TrainingImage: `763104351884.dkr.ecr.${region}.amazonaws.com/any:1`,
      TrainingInputMode: 'File',
      ContainerEntrypoint: ['/bin/true'],
    },
    InputDataConfig: [],
    OutputDataConfig: { S3OutputPath: s3Uri, CompressionType: 'NONE' },
    ResourceConfig: { InstanceType: 'ml.g5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
    CheckpointConfig: { S3Uri: s3Uri, LocalPath: '/opt/ml/checkpoints' },
    Environment: {},
    EnableManagedSpotTraining: false,
    ProfilerConfig: { DisableProfiler: true },
  }
}
