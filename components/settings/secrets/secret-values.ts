import { zodResolver } from '@hookform/resolvers/zod'
import type { Resolver } from 'react-hook-form'
import {
  type Secret,
  type SecretInput,
  type SecretProvider,
  secretChangeSchemas,
  secretInputSchemas,
} from '#lib/secrets/secret.types.ts'

/** What the form of a secret holds while it is typed. Keys never come from the server: they begin empty. */
export interface SecretValues {
  api_key: string
  description: string
  metadata: {
    aws?: {
      secret_access_key: string
      region: string
      s3_bucket: string
      endpoint: string
      /** Absent: the connection test finds out. */
      force_path_style: boolean | undefined
      iam_role_arn: string
    }
    lambda?: { ssh_key_name: string }
    huggingface?: { username: string }
  }
}

/** An empty form, or one that begins with all that may be shown of a secret. */
export function valuesOfSecret(provider: SecretProvider, secret: Secret | null): SecretValues {
  const { aws, lambda, huggingface } = secret?.metadata ?? {}
  const metadata = {
    aws: {
      aws: {
        secret_access_key: '',
        region: aws?.region ?? 'us-east-1',
        s3_bucket: aws?.s3_bucket ?? '',
        endpoint: aws?.endpoint ?? '',
        force_path_style: aws?.force_path_style,
        iam_role_arn: aws?.iam_role_arn ?? '',
      },
    },
    runpod: {},
    lambda: { lambda: { ssh_key_name: lambda?.ssh_key_name ?? '' } },
    huggingface: { huggingface: { username: huggingface?.username ?? '' } },
  } as const satisfies Record<SecretProvider, SecretValues['metadata']>
  return { api_key: '', description: secret?.description ?? '', metadata: metadata[provider] }
}

/** Checks as the server does. `keyMayStay`: a key that is left empty is one that is not changed. */
export function secretResolver(
  provider: SecretProvider,
  keyMayStay: boolean,
): Resolver<SecretValues, unknown, SecretInput> {
  return (values, context, options) => {
    const schemas = keyMayStay && values.api_key.trim() === '' ? secretChangeSchemas : secretInputSchemas
    const resolve = zodResolver(schemas[provider]) as unknown as Resolver<SecretValues, unknown, SecretInput>
    return resolve(values, context, options)
  }
}
