import { z } from 'zod'
import type { Settings } from '#lib/config/settings.ts'
import { DoctorFinding } from '#lib/storage/bucket-doctor.ts'
import type { KeyCheck } from './key-check.ts'
import type { OpenedSecret, SecretProvider } from './secret.types.ts'

/** How each provider is asked whose key it is; the addresses are those that the launchers use. */
export const keyChecks = {
  runpod: ({ RUNPOD_API_URL }) => ({
    url: apiUrl(RUNPOD_API_URL, 'https://api.runpod.io', '/v2', '/pods'),
    steps: [{ id: 'pods', label: 'List pods', read: podsWords }],
  }),
  lambda: ({ LAMBDA_API_URL }) => ({
    url: apiUrl(LAMBDA_API_URL, 'https://cloud.lambda.ai', '/api/v1', '/ssh-keys'),
    steps: [{ id: 'ssh-key', label: 'Find the SSH key', read: sshKeyWords }],
  }),
  huggingface: ({ HF_ENDPOINT }) => ({
    url: apiUrl(HF_ENDPOINT, 'https://huggingface.co', '/api', '/whoami-v2'),
    steps: [{ id: 'account', label: 'Find the account', read: accountWords }],
  }),
} as const satisfies Record<Exclude<SecretProvider, 'aws'>, (settings: Settings) => KeyCheck>

/** A setting may end in the API's prefix or leave it out. */
function apiUrl(setting: string | undefined, host: string, prefix: string, path: string): string {
  const base = setting ?? host
  return `${base.endsWith(prefix) ? base : base + prefix}${path}`
}

const podsSchema = z.object({ pods: z.array(z.unknown()) })

function podsWords(answer: unknown): string {
  const { pods } = podsSchema.safeParse(answer).data ?? { pods: [] }
  return `The key may list pods; ${pods.length} are there now.`
}

const sshKeysSchema = z.object({ data: z.array(z.object({ name: z.string() })) })

function sshKeyWords(answer: unknown, { metadata }: OpenedSecret): string {
  const names = (sshKeysSchema.safeParse(answer).data?.data ?? []).map(({ name }) => name)
  const wanted = metadata.lambda?.ssh_key_name
  if (wanted && names.includes(wanted)) return `The SSH key "${wanted}" is there.`
  throw new DoctorFinding(
    `Lambda has no SSH key named "${wanted}".`,
    names.length > 0
      ? `Use one that is there (${names.join(', ')}), or add this one at Lambda under SSH keys.`
      : 'Add an SSH key at Lambda under SSH keys, and put its name in here.',
  )
}

const whoamiSchema = z.object({
  name: z.string(),
  orgs: z.array(z.object({ name: z.string() })).default([]),
})

function accountWords(answer: unknown, { metadata }: OpenedSecret): string {
  const account = whoamiSchema.safeParse(answer).data
  if (!account)
    throw new DoctorFinding('The Hub does not say whose key this is.', 'Make a new token at Hugging Face.')
  const wanted = metadata.huggingface?.username
  const names = [account.name, ...account.orgs.map(({ name }) => name)]
  if (!wanted || names.includes(wanted)) return `The key belongs to ${account.name}.`
  throw new DoctorFinding(
    `The key belongs to ${account.name}, which is not "${wanted}" and not one of its members.`,
    `Use one of: ${names.join(', ')}.`,
  )
}
