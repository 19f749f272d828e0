import type { FieldPath } from 'react-hook-form'
import type { SecretProvider, ShownMetadata } from '#lib/secrets/secret.types.ts'
import type { SecretValues } from './secret-values.ts'

export interface SecretField {
  path: FieldPath<SecretValues>
  label: string
  hint?: string
  placeholder?: string
  kind: 'text' | 'secret' | 'path-style'
}

interface SecretEntry {
  /** What the key is for. */
  about: string
  keyField: SecretField
  fields: readonly SecretField[]
  /** Where the provider hands out keys. */
  source: { href: string; label: string; what: string }
  /** What may be shown of the further fields, in the order of the card. */
  facts(metadata: ShownMetadata): readonly (readonly [label: string, value: string])[]
}

const pathStyles = new Map([
  [true, 'Always path style'],
  [false, 'Never path style'],
])

export const secretCatalog = {
  aws: {
    about: 'Datasets in your own S3 bucket, and training on SageMaker. Anything that speaks S3 will do.',
    keyField: { path: 'api_key', label: 'Access key ID', placeholder: 'AKIA...', kind: 'text' },
    fields: [
      { path: 'metadata.aws.secret_access_key', label: 'Secret access key', kind: 'secret' },
      {
        path: 'metadata.aws.s3_bucket',
        label: 'Bucket',
        placeholder: 'our-datasets',
        hint: 'New datasets go here. Older ones stay where they are.',
        kind: 'text',
      },
      {
        path: 'metadata.aws.region',
        label: 'Region',
        placeholder: 'us-east-1',
        hint: 'Of the bucket. SageMaker trains there too.',
        kind: 'text',
      },
      {
        path: 'metadata.aws.endpoint',
        label: 'Endpoint',
        placeholder: 'https://s3.example.com',
        hint: 'Only for stores other than Amazon’s.',
        kind: 'text',
      },
      {
        path: 'metadata.aws.force_path_style',
        label: 'Force path style',
        hint: 'Whether the bucket stands in the path of an address or in its host name.',
        kind: 'path-style',
      },
      {
        path: 'metadata.aws.iam_role_arn',
        label: 'IAM role ARN',
        placeholder: 'arn:aws:iam::123456789012:role/sagemaker',
        hint: 'Only for SageMaker: the role that a training runs as.',
        kind: 'text',
      },
    ],
    source: {
      href: 'https://console.aws.amazon.com/iam/home#/users',
      label: 'Open IAM at AWS',
      what: 'Make an access key for a user of its own under IAM, Users, Security credentials.',
    },
    facts: ({ aws }) =>
      present([
        ['Bucket', aws?.s3_bucket],
        ['Region', aws?.region],
        ['Endpoint', aws?.endpoint],
        ['Force path style', pathStyles.get(aws?.force_path_style as boolean)],
        ['IAM role ARN', aws?.iam_role_arn],
      ]),
  },
  runpod: {
    about: 'Training on pods in your own RunPod account.',
    keyField: { path: 'api_key', label: 'API key', placeholder: 'rpa_...', kind: 'secret' },
    fields: [],
    source: {
      href: 'https://console.runpod.io/user/settings',
      label: 'Open settings at RunPod',
      what: 'It has to be able to create and delete pods.',
    },
    facts: () => [],
  },
  lambda: {
    about: 'Training on instances in your own Lambda account.',
    keyField: { path: 'api_key', label: 'API key', kind: 'secret' },
    fields: [
      {
        path: 'metadata.lambda.ssh_key_name',
        label: 'SSH key name',
        hint: 'One that is registered at Lambda, which starts nothing without it. It is never used.',
        kind: 'text',
      },
    ],
    source: {
      href: 'https://cloud.lambda.ai/api-keys',
      label: 'Open API keys at Lambda',
      what: 'Make an API key, and add an SSH key there if there is none.',
    },
    facts: ({ lambda }) => present([['SSH key name', lambda?.ssh_key_name]]),
  },
  huggingface: {
    about: 'Training with Hugging Face Jobs, in your account or an organisation’s.',
    keyField: { path: 'api_key', label: 'Access token', placeholder: 'hf_...', kind: 'secret' },
    fields: [
      {
        path: 'metadata.huggingface.username',
        label: 'Username',
        hint: 'The organisation that jobs run in. Empty: the token’s own account.',
        kind: 'text',
      },
    ],
    source: {
      href: 'https://huggingface.co/settings/tokens',
      label: 'Open tokens at Hugging Face',
      what: 'It has to be able to start and manage jobs.',
    },
    facts: ({ huggingface }) => present([['Username', huggingface?.username]]),
  },
} as const satisfies Record<SecretProvider, SecretEntry>

function present(facts: readonly (readonly [string, string | undefined])[]) {
  return facts.flatMap(([label, value]) => (value ? [[label, value] as const] : []))
}

export function entryOf(provider: SecretProvider): SecretEntry {
  return secretCatalog[provider]
}
