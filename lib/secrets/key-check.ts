import { denied, misconfigured, transient } from '#lib/errors/app-error.ts'
import { DoctorFinding, type PlannedStep } from '#lib/storage/bucket-doctor.ts'
import type { OpenedSecret } from './secret.types.ts'

/** One cheap GET at a provider that only a good key gets an answer to. */
export interface KeyCheck {
  url: string
  steps: readonly {
    id: string
    label: string
    /** Reads the answer; throws a DoctorFinding for what is wrong with it. */
    read(answer: unknown, secret: OpenedSecret): string
  }[]
}

const answerMilliseconds = 15_000
const answerBytesMax = 4 * 1024 * 1024

export const keyFixes: Record<string, string> = {
  key_refused:
    'Copy the key again, whole and without spaces. One that was revoked has to be replaced by a new one.',
  key_denied: 'Give the key the permission that is missing at the provider, or make one that has it.',
  provider_unreachable: 'Check the network of this machine, and the status page of the provider.',
  provider_busy: 'Wait a little and test again.',
  provider_unexpected: 'Check the address of the provider’s API in the settings of this deployment.',
}

/** Asks once, then lets each step read the answer. */
export function planKeyCheck(
  { url, steps }: KeyCheck,
  secret: OpenedSecret,
  signal: AbortSignal,
): PlannedStep[] {
  let answer: unknown
  return [
    {
      id: 'credentials',
      label: 'Sign in',
      async run() {
        answer = await ask(url, secret.apiKey, signal)
        return `${new URL(url).host} knows the key.`
      },
    },
    ...steps.map(({ id, label, read }) => ({
      id,
      label,
      needs: ['credentials'],
      run: async () => read(answer, secret),
    })),
  ]
}

async function ask(url: string, key: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${key}`, accept: 'application/json' },
    // The key goes to the address that the operator set, and nowhere that this may point to.
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMilliseconds)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw transient('provider_unreachable', 'The provider could not be reached', undefined, error)
  })
  const { status } = response
  const text = await readText(response)
  if (status === 401) throw denied('key_refused', 'The provider does not know this key (HTTP 401)')
  if (status === 403) throw denied('key_denied', 'The key is known, but it may not do this (HTTP 403)')
  if (status === 429 || status >= 500)
    throw transient('provider_busy', `The provider is busy or failing (HTTP ${status})`)
  const json = response.ok ? parsed(text) : undefined
  if (json === undefined)
    throw misconfigured(
      'provider_unexpected',
      `The provider answered HTTP ${status}, not in the words of its API`,
    )
  return json
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > answerBytesMax)
      throw new DoctorFinding('The answer is too long.', keyFixes.provider_unexpected!)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
