import { expect, test } from 'vitest'
import { uploadSessionDays } from '#lib/training/upload-session.types.ts'
import { s3Advice } from './bucket-advice.ts'

const text = (id: string) => s3Advice('our-bucket').find((advice) => advice.id === id)!.text

test('the rule for unfinished uploads leaves those that can still go on', () => {
  const [rule] = JSON.parse(text('lifecycle')).Rules
  expect(rule.AbortIncompleteMultipartUpload.DaysAfterInitiation).toBeGreaterThan(uploadSessionDays)
  expect(text('lifecycle-command')).toContain(JSON.stringify(rule))
})

test('the least policy lets unfinished uploads be found', () => {
  const actions = JSON.parse(text('iam-policy')).Statement.map(
    (statement: { Action: string[]; Resource: string }) => [statement.Resource, statement.Action],
  )
  expect(actions).toContainEqual([
    'arn:aws:s3:::our-bucket',
    expect.arrayContaining(['s3:ListBucket', 's3:ListBucketMultipartUploads']),
  ])
})
