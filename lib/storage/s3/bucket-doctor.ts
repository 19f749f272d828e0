import type { AppError } from '#lib/errors/app-error.ts'
import { type DoctorReport, type PlannedStep, runDoctorSteps } from '../bucket-doctor.ts'
import { s3Advice } from './bucket-advice.ts'
import { S3DoctorConnection, type S3DoctorOptions, type S3Learned } from './doctor-connection.ts'
import { S3DoctorObjects } from './doctor-objects.ts'

export type { S3DoctorOptions, S3Learned }

const fixes: Record<string, string> = {
  storage_unreachable:
    'Check the endpoint, its port, and whether a firewall stands between it and this machine.',
  address_refused:
    'Use an address that is reachable from the internet, or ask the operator to allow this one.',
  invalid_endpoint:
    'Write the endpoint with its scheme and nothing after the host, as in https://s3.example.com.',
  not_an_s3_endpoint: 'Look for the S3 API endpoint in the documentation of your store.',
  storage_credentials_refused:
    'Copy the access key id and the secret again, both from the same place, without spaces. A key that was deleted or deactivated has to be replaced.',
  clock_skew: 'Set the clock of this machine, for example by turning on NTP.',
  wrong_region: 'Enter the region that the bucket was made in.',
  bucket_not_found: 'Create the bucket, or correct its name; names are exact and lower case.',
  invalid_bucket: 'Correct the name of the bucket.',
  storage_full: 'Make room at the store, or ask for a larger quota.',
  storage_unsupported: 'This store lacks a part of S3 that FineTune Lab needs; use another one.',
  storage_busy: 'Wait a little and test again.',
}

/**
 * Tries on a scratch key everything that FineTune Lab does with a bucket, in the order in which things can go wrong,
 * and learns the store's dialect on the way. Removes what it made, whatever happens. Never rejects, except on abort.
 */
export async function examineS3Bucket(options: S3DoctorOptions): Promise<DoctorReport<S3Learned>> {
  const learned: S3Learned = {
    forcePathStyle: options.forcePathStyle,
    checksumMode: 'none',
    conditionalWrites: false,
    region: options.region,
  }
  const connection = new S3DoctorConnection(options, learned)
  const objects = new S3DoctorObjects(options, learned)
  const steps = await runDoctorSteps(planOf(connection, objects, options.bucket), fixes)
  await objects.cleanUp(steps)
  options.signal?.throwIfAborted()
  return {
    ok: steps.every(({ status }) => status === 'pass'),
    steps,
    learned,
    advice: s3Advice(options.bucket),
  }
}

function planOf(connection: S3DoctorConnection, objects: S3DoctorObjects, bucket: string): PlannedStep[] {
  const on = (action: string) => (error: AppError) => deniedWords(error, bucket, action)
  return [
    { id: 'reach', label: 'Reach the store', run: () => connection.reach() },
    {
      id: 'clock',
      label: 'Compare the clocks',
      needs: ['reach'],
      run: async () => connection.compareClocks(),
    },
    { id: 'credentials', label: 'Sign in', needs: ['reach'], run: () => connection.signIn() },
    {
      id: 'region',
      label: 'Find the bucket in its region',
      needs: ['credentials'],
      run: () => connection.findBucket(),
    },
    { id: 'list', label: 'List', needs: ['region'], run: () => objects.list(), explain: on('ListBucket') },
    {
      id: 'put',
      label: 'Store an object',
      needs: ['region'],
      run: () => objects.put(),
      explain: on('PutObject'),
    },
    { id: 'head', label: 'Look it up', needs: ['put'], run: () => objects.head(), explain: on('GetObject') },
    {
      id: 'range',
      label: 'Read a part of it',
      needs: ['put'],
      run: () => objects.range(),
      explain: on('GetObject'),
    },
    { id: 'presigned', label: 'Read it by a signed link', needs: ['range'], run: () => objects.presigned() },
    { id: 'checksum', label: 'Checksum dialect', needs: ['put'], run: () => objects.checksums() },
    { id: 'conditional', label: 'Conditional writes', needs: ['put'], run: () => objects.conditional() },
    {
      id: 'multipart',
      label: 'Store an object in parts',
      needs: ['put'],
      run: () => objects.multipart(),
      explain: on('PutObject'),
    },
    {
      id: 'abort',
      label: 'Give up an upload in parts',
      needs: ['multipart'],
      run: () => objects.abort(),
      explain: on('AbortMultipartUpload'),
    },
    {
      id: 'delete',
      label: 'Delete',
      needs: ['put'],
      run: () => objects.delete(),
      explain: on('DeleteObject'),
    },
  ]
}

function deniedWords(
  error: AppError,
  bucket: string,
  action: string,
): { meaning: string; fix: string } | null {
  if (error.code !== 'storage_denied') return null
  const arn = `arn:aws:s3:::${bucket}${action === 'ListBucket' ? '' : '/*'}`
  return {
    meaning: `403 on ${action}: the key is known, but it may not do this.`,
    fix: `Allow s3:${action} on ${arn}; the whole policy is below.`,
  }
}
