import { isAppError } from '#lib/errors/app-error.ts'
import { type AwsAccount, accountOfRole } from './account.ts'
import type { SageMakerApi } from './api-types.ts'
import { refusal } from './check-launch.ts'
import { sageMakerError } from './errors.ts'

/** A role of another account is refused by AWS in words that nobody understands. Keys that may not ask are let pass. */
export async function checkOwner(
  api: SageMakerApi,
  account: AwsAccount,
  { atAmazon }: { atAmazon: boolean },
): Promise<void> {
  const roleAccount = accountOfRole(account.roleArn ?? '')
  let keyAccount: string
  try {
    keyAccount = await api.accountId()
  } catch (error) {
    const named = sageMakerError(error)
    // A proxy or a test server need not know this service: SageMaker itself will say whether the keys are good.
    if (atAmazon && isAppError(named) && named.code === 'aws_credentials_refused') throw named
    return
  }
  if (!/^\d{12}$/.test(keyAccount) || keyAccount === roleAccount) return
  throw refusal([
    {
      field: 'iam_role_arn',
      message: `The role belongs to account ${roleAccount}, the access key to ${keyAccount}. Name a role of ${keyAccount} in the AWS secret.`,
    },
  ])
}
