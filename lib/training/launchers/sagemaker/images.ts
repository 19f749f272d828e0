/**
 * Where AWS keeps its training images. Source: `image_uri_config/huggingface.json` of aws/sagemaker-python-sdk
 * (2026-08) and the table of the AWS Deep Learning Containers. TRL, PEFT, Accelerate and Datasets are preinstalled.
 */
const repository = 'huggingface-pytorch-training:2.9.0-transformers5.3.0-gpu-py312-cu130-ubuntu22.04'

const usualAccount = '763104351884'
const accountsElsewhere: Readonly<Record<string, string>> = {
  'af-south-1': '626614931356',
  'ap-east-1': '871362719292',
  'ap-northeast-3': '364406365360',
  'ap-southeast-3': '907027046896',
  'ca-west-1': '204538143572',
  'cn-north-1': '727897471807',
  'cn-northwest-1': '727897471807',
  'eu-south-1': '692866216735',
  'il-central-1': '780543022126',
  'me-central-1': '914824155844',
  'me-south-1': '217643126080',
  'us-gov-east-1': '446045086412',
  'us-gov-west-1': '442386744353',
}

export function defaultImage(region: string): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return `${accountsElsewhere[region] ?? usualAccount}.dkr.ecr.${region}.${domain}/${repository}`
}

const ecrPattern =
  /^\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/[a-z0-9._/-]+(?::[\w.-]+|@sha256:[0-9a-f]{64})?$/

/** The region of an ECR image, or null for any other address. */
export function regionOfImage(uri: string): string | null {
  return ecrPattern.exec(uri)?.[1] ?? null
}
