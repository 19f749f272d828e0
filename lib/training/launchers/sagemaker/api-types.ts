/**
 * As much of the SageMaker, CloudWatch Logs and STS APIs as a launch needs, in their own field names.
 * Source: the service models `sagemaker/2017-07-24`, `logs/2014-03-28` and `sts/2011-06-15`.
 */
export interface CreateTrainingJob {
  /** Unique in the account and region for ever: a second request of this name is refused, so none starts two. */
  TrainingJobName: string
  RoleArn: string
  AlgorithmSpecification: {
    TrainingImage: string
    TrainingInputMode: 'File'
    ContainerEntrypoint: string[]
  }
  InputDataConfig: Channel[]
  OutputDataConfig: { S3OutputPath: string; CompressionType: 'NONE' }
  ResourceConfig: { InstanceType: string; InstanceCount: number; VolumeSizeInGB: number }
  StoppingCondition: { MaxRuntimeInSeconds: number; MaxWaitTimeInSeconds?: number }
  CheckpointConfig: { S3Uri: string; LocalPath: string }
  Environment: Record<string, string>
  EnableManagedSpotTraining: boolean
  ProfilerConfig: { DisableProfiler: true }
}

export interface Channel {
  ChannelName: string
  DataSource: {
    S3DataSource: {
      S3DataType: 'S3Prefix' | 'ManifestFile'
      S3Uri: string
      S3DataDistributionType: 'FullyReplicated'
    }
  }
}

/** The parts of DescribeTrainingJob's answer that are read. New statuses may come: compare, never enumerate. */
export interface TrainingJob {
  TrainingJobStatus: string
  SecondaryStatus: string
  FailureReason?: string
  Environment?: Record<string, string>
  ResourceConfig?: { InstanceType?: string; InstanceCount?: number }
  /** Absent until the end; what spot saves is taken off. */
  BillableTimeInSeconds?: number
  ModelArtifacts?: { S3ModelArtifacts?: string }
  SecondaryStatusTransitions?: { Status?: string; StatusMessage?: string }[]
}

export interface TrainingJobSummary {
  TrainingJobName: string
  CreationTime: Date | null
}

export interface LogEvent {
  /** Milliseconds since 1970. */
  timestamp: number
  message: string
}

export interface SageMakerApi {
  createTrainingJob(request: CreateTrainingJob): Promise<void>
  /** Null where there is no such job. */
  describeTrainingJob(name: string): Promise<TrainingJob | null>
  /** Also resolves where there is no such job, or it has ended. */
  stopTrainingJob(name: string): Promise<void>
  listTrainingJobs(nameContains: string, status: 'InProgress' | 'Stopping'): AsyncIterable<TrainingJobSummary>
  /** The number of the account that the keys belong to. */
  accountId(): Promise<string>
  /** Oldest first; none before the first line. */
  logStreams(namePrefix: string): Promise<string[]>
  /** The end of a stream answers the token that was sent. */
  logEvents(stream: string, token: string | null): Promise<{ events: LogEvent[]; token: string }>
  close(): void
}
