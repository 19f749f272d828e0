import type { ServiceModel, Shape } from './service-model.ts'

const text = (max: number, pattern?: string, min = 0): Shape => ({
  type: 'string',
  min,
  max,
  ...(pattern ? { pattern } : {}),
})
const whole = (min: number, max?: number): Shape => ({
  type: 'integer',
  min,
  ...(max === undefined ? {} : { max }),
})
const oneOf = (...values: string[]): Shape => ({ type: 'string', enum: values })
const of = (members: Record<string, string>, ...required: string[]): Shape => ({
  type: 'structure',
  required,
  members: Object.fromEntries(Object.entries(members).map(([name, shape]) => [name, { shape }])),
})

/**
 * The limits of the calls that we make, written down from AWS's API reference for machines on which Amazon's own service
 * model is not at hand. It knows the fields that we send and no others.
 */
export const writtenModel: ServiceModel = {
  source: 'limits written down',
  shapes: {
    CreateTrainingJobRequest: of(
      {
        TrainingJobName: 'Name',
        RoleArn: 'Role',
        AlgorithmSpecification: 'Algorithm',
        InputDataConfig: 'Channels',
        OutputDataConfig: 'Output',
        ResourceConfig: 'Resources',
        StoppingCondition: 'Stopping',
        CheckpointConfig: 'Checkpoints',
        Environment: 'Environment',
        EnableManagedSpotTraining: 'Flag',
        ProfilerConfig: 'Profiler',
      },
      'TrainingJobName',
      'RoleArn',
      'OutputDataConfig',
    ),
    DescribeTrainingJobRequest: of({ TrainingJobName: 'Name' }, 'TrainingJobName'),
    StopTrainingJobRequest: of({ TrainingJobName: 'Name' }, 'TrainingJobName'),
    ListTrainingJobsRequest: of({
      NameContains: 'NamePart',
      StatusEquals: 'Status',
      MaxResults: 'PageSize',
      NextToken: 'Token',
    }),
    Name: text(63, '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}', 1),
    NamePart: text(63, '[a-zA-Z0-9-]+'),
    Status: oneOf('InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped', 'Deleting'),
    PageSize: whole(1, 100),
    Token: text(8192),
    Role: text(2048, 'arn:aws[a-z-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\/-]+', 20),
    Flag: { type: 'boolean' },
    Algorithm: of(
      { TrainingImage: 'Image', TrainingInputMode: 'InputMode', ContainerEntrypoint: 'Entrypoint' },
      'TrainingInputMode',
    ),
    Image: text(255),
    InputMode: oneOf('File', 'Pipe', 'FastFile'),
    Entrypoint: { type: 'list', min: 1, max: 100, member: { shape: 'EntrypointPart' } },
    EntrypointPart: text(256, '.*'),
    Channels: { type: 'list', min: 1, max: 20, member: { shape: 'Channel' } },
    Channel: of({ ChannelName: 'ChannelName', DataSource: 'DataSource' }, 'ChannelName', 'DataSource'),
    ChannelName: text(64, '[A-Za-z0-9.\\-_]+', 1),
    DataSource: of({ S3DataSource: 'S3DataSource' }),
    S3DataSource: of(
      { S3DataType: 'S3DataType', S3Uri: 'Uri', S3DataDistributionType: 'Distribution' },
      'S3DataType',
      'S3Uri',
    ),
    S3DataType: oneOf('S3Prefix', 'ManifestFile', 'AugmentedManifestFile'),
    Distribution: oneOf('FullyReplicated', 'ShardedByS3Key'),
    Uri: text(1024, '(https|s3)://([^/]+)/?(.*)'),
    Output: of({ S3OutputPath: 'Uri', CompressionType: 'Compression' }, 'S3OutputPath'),
    Compression: oneOf('GZIP', 'NONE'),
    Resources: of({ InstanceType: 'InstanceType', InstanceCount: 'Count', VolumeSizeInGB: 'Volume' }),
    InstanceType: text(64, 'ml\\.[a-z0-9-]+\\.[a-z0-9]+'),
    Count: whole(0),
    Volume: whole(1),
    Stopping: of({ MaxRuntimeInSeconds: 'Seconds', MaxWaitTimeInSeconds: 'Seconds' }),
    Seconds: whole(1),
    Checkpoints: of({ S3Uri: 'Uri', LocalPath: 'Path' }, 'S3Uri'),
    Path: text(4096, '.*'),
    Environment: { type: 'map', max: 100, key: { shape: 'VariableName' }, value: { shape: 'Variable' } },
    VariableName: text(512, '[a-zA-Z_][a-zA-Z0-9_]*'),
    Variable: text(512),
    Profiler: of({ DisableProfiler: 'Flag' }),
  },
}
