import { z } from 'zod'
import { type AppError, misconfigured } from '#lib/errors/app-error.ts'
import type { OpenedSecret } from '#lib/secrets/secret.types.ts'

/** A user's AWS secret, as this launcher uses it. */
export interface AwsAccount {
  accessKeyId: string
  secretAccessKey: string
  region: string
  /** What the training runs as; null where the secret names none. */
  roleArn: string | null
}

const metadataSchema = z.object({
  aws: z.object({
    secret_access_key: z.string().min(1),
    region: z.string().min(1).default('us-east-1'),
    iam_role_arn: z.string().trim().nullish(),
  }),
})

const rolePattern = /^arn:aws[a-z-]*:iam::(\d{12}):role\/?[\w+=,.@/-]+$/
const settingsPath = '/settings/secrets'

export function readAccount(secret: OpenedSecret): AwsAccount {
  const parsed = metadataSchema.safeParse(secret.metadata)
  if (!parsed.success) throw awsMissing()
  const { secret_access_key, region, iam_role_arn } = parsed.data.aws
  return {
    accessKeyId: secret.apiKey,
    secretAccessKey: secret_access_key.trim(),
    region,
    roleArn: iam_role_arn || null,
  }
}

/** The twelve digits of a role's account, or null where it is no role's ARN. */
export function accountOfRole(roleArn: string): string | null {
  if (roleArn.length < 20 || roleArn.length > 2048) return null
  return rolePattern.exec(roleArn)?.[1] ?? null
}

/** What keeps this account from launching, before AWS is asked. */
export function lackOf(account: AwsAccount): AppError | null {
  if (!account.roleArn) {
    return misconfigured(
      'aws_role_missing',
      'SageMaker needs a role to run the training as',
      `Add iam_role_arn to the AWS secret under Settings > Secrets (${settingsPath}): a role that trusts sagemaker.amazonaws.com and may read and write your bucket.`,
    )
  }
  if (!accountOfRole(account.roleArn)) {
    return misconfigured(
      'aws_role_invalid',
      'The role in the AWS secret is not the ARN of an IAM role',
      `iam_role_arn looks like arn:aws:iam::123456789012:role/name. Change it under Settings > Secrets (${settingsPath}).`,
    )
  }
  return null
}

export function awsMissing(): AppError {
  return misconfigured(
    'aws_not_configured',
    'AWS not configured',
    `Add your AWS access key, region, bucket and role under Settings > Secrets (${settingsPath}), provider "aws".`,
  )
}
