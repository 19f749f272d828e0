import { uploadSessionDays } from '#lib/training/upload-session.types.ts'
import type { DoctorAdvice } from '../bucket-doctor.ts'

/** The least that FineTune Lab needs in a bucket, as an IAM policy. */
function leastS3Policy(bucket: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'FineTuneLabDatasets',
        Effect: 'Allow',
        Action: [
          's3:PutObject',
          's3:GetObject',
          's3:DeleteObject',
          's3:AbortMultipartUpload',
          's3:ListMultipartUploadParts',
        ],
        Resource: `arn:aws:s3:::${bucket}/*`,
      },
      {
        Sid: 'FineTuneLabList',
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
        Resource: `arn:aws:s3:::${bucket}`,
      },
    ],
  }
}

/** Removes parts of uploads that a crash left unfinished, which cost money unseen, and none that somebody may still continue. */
const unfinishedUploadsRule = {
  Rules: [
    {
      ID: 'abort-unfinished-uploads',
      Status: 'Enabled',
      Filter: { Prefix: '' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: uploadSessionDays + 1 },
    },
  ],
}

/** Lets web pages elsewhere read signed links: nothing of ours does, a notebook in a browser may. */
const readingRule = {
  CORSRules: [
    {
      AllowedMethods: ['GET', 'HEAD'],
      AllowedOrigins: ['*'],
      AllowedHeaders: ['range'],
      ExposeHeaders: ['content-length', 'content-range', 'etag'],
      MaxAgeSeconds: 3600,
    },
  ],
}

export function s3Advice(bucket: string): DoctorAdvice[] {
  const lifecycle = JSON.stringify(unfinishedUploadsRule, null, 2)
  return [
    {
      id: 'iam-policy',
      title: 'The least IAM policy for the access key',
      text: JSON.stringify(leastS3Policy(bucket), null, 2),
    },
    {
      id: 'lifecycle',
      title: 'Lifecycle rule that removes unfinished uploads',
      text: lifecycle,
    },
    {
      id: 'lifecycle-command',
      title: 'The same rule as a command; it replaces the rules that the bucket has',
      text: `aws s3api put-bucket-lifecycle-configuration --bucket ${bucket} --lifecycle-configuration '${JSON.stringify(unfinishedUploadsRule)}'`,
    },
    {
      id: 'cors',
      title: 'CORS rule, wanted only where web pages elsewhere read signed links; replace * by their address',
      text: JSON.stringify(readingRule, null, 2),
    },
  ]
}
