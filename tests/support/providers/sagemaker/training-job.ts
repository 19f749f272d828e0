import type { CreateTrainingJob } from '#lib/training/launchers/sagemaker/api-types.ts'

/** Where a training goes from here, a step each time that somebody looks; the last one is where it stays. */
export interface Plan {
  steps: string[]
  failureReason?: string
}

export const usualPlan: Plan = { steps: ['Starting', 'Pending', 'Downloading', 'Training'] }

const endings = ['Completed', 'Failed', 'Stopped', 'MaxRuntimeExceeded', 'MaxWaitTimeExceeded']

/** One training job of the double. */
export class DoubleTrainingJob {
  readonly request: CreateTrainingJob
  readonly createdAt = Date.now() / 1000
  plan: Plan
  private step = 0
  private readonly history: { Status: string; StartTime: number }[] = []

  constructor(request: CreateTrainingJob, plan: Plan) {
    this.request = request
    this.plan = { ...plan, steps: [...plan.steps] }
    this.note()
  }

  get secondary(): string {
    return this.plan.steps[this.step]!
  }

  get status(): string {
    if (this.secondary === 'Completed' || this.secondary === 'Failed') return this.secondary
    if (endings.includes(this.secondary)) return 'Stopped'
    return this.secondary === 'Stopping' ? 'Stopping' : 'InProgress'
  }

  get ended(): boolean {
    return endings.includes(this.secondary)
  }

  /** From where it is now, these steps follow. */
  follow(...steps: string[]): void {
    this.plan.steps.splice(this.step + 1, Number.POSITIVE_INFINITY, ...steps)
  }

  look(): Record<string, unknown> {
    if (this.step < this.plan.steps.length - 1) {
      this.step++
      this.note()
    }
    return this.description()
  }

  private note(): void {
    this.history.push({ Status: this.secondary, StartTime: Date.now() / 1000 })
  }

  private description(): Record<string, unknown> {
    const { TrainingJobName: name, OutputDataConfig } = this.request
    const output = OutputDataConfig.S3OutputPath
    return {
      ...this.request,
      TrainingJobArn: arnOf(name),
      TrainingJobStatus: this.status,
      SecondaryStatus: this.secondary,
      SecondaryStatusTransitions: this.history,
      CreationTime: this.createdAt,
      ModelArtifacts: {
        S3ModelArtifacts: this.secondary === 'Completed' ? `${output}${name}/output/model` : '',
      },
      ...(this.secondary === 'Failed'
        ? { FailureReason: this.plan.failureReason ?? 'AlgorithmError: trainer_failed, exit code: 1' }
        : {}),
    }
  }

  summary(): Record<string, unknown> {
    return {
      TrainingJobName: this.request.TrainingJobName,
      TrainingJobArn: arnOf(this.request.TrainingJobName),
      CreationTime: this.createdAt,
      TrainingJobStatus: this.status,
    }
  }
}

export const arnOf = (name: string) => `arn:aws:sagemaker:us-east-1:123456789012:training-job/${name}`
