import { expect, type Locator, type Page } from '@playwright/test'
import type { S3TestServer } from '../../support/s3-server/start-s3-server.ts'

const roleArn = 'arn:aws:iam::123456789012:role/sagemaker'

/** The card of one provider, on the page of secrets. */
export function secretCard(page: Page, label: string): Locator {
  return page.getByRole('region', { name: label, exact: true })
}

/** Types a key for the S3 server into the card of AWS, saves it, and waits for the test that follows. */
export async function putInAwsSecret(page: Page, s3: S3TestServer): Promise<void> {
  const card = secretCard(page, 'AWS')
  await card.getByRole('button', { name: 'Connect AWS' }).click()
  await card.getByLabel('Access key ID').fill(s3.accessKeyId)
  await card.getByLabel('Secret access key').fill(s3.secretAccessKey)
  await card.getByLabel('Bucket', { exact: true }).fill(s3.bucket)
  await card.getByLabel('Region').fill(s3.region)
  await card.getByLabel('Endpoint').fill(s3.endpoint)
  await card.getByLabel('IAM role ARN').fill(roleArn)
  await card.getByLabel('Description').fill('The bucket of the team')
  await card.getByRole('button', { name: 'Save and test' }).click()
  await expect(card.getByText(/^All \d+ steps passed\.$/)).toBeVisible({ timeout: 30_000 })
}
