import type { Problem } from '#lib/training/dataset.types.ts'
import { type TextCodec, webCodec } from '../rows/row-text.ts'
import { findSensitive, type Sensitive } from './find-sensitive.ts'

const placeholders = {
  'privacy.secret': '[secret]',
  'privacy.card': '[card number]',
  'privacy.email': '[e-mail address]',
} as const satisfies Record<Sensitive['rule'], string>

/** An AWS secret key has no shape of its own; beside a key id, everything of its length and letters is taken for one. */
const awsSecret = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g
const awsKeyId = /(?:AKIA|ASIA)[A-Z0-9]{16}/

/** A text of the owner's as it may be shown elsewhere: what looks like a key, a card or an address is replaced. */
export function withoutSecrets(text: string, codec: TextCodec = webCodec): string {
  const bytes = codec.encode(text)
  const parts = findSensitive(bytes, codec)
  if (parts.length === 0) return text
  let shown = ''
  let from = 0
  for (const { at, end, rule } of parts) {
    if (at < from) {
      from = Math.max(from, end)
      continue
    }
    shown += codec.decode(bytes, from, at) + placeholders[rule]
    from = end
  }
  shown += codec.decode(bytes, Math.min(from, bytes.length), bytes.length)
  return awsKeyId.test(text) ? shown.replace(awsSecret, placeholders['privacy.secret']) : shown
}

/** Nothing shorter is a key, a card or an address. */
const mayHoldSecrets = /[\w-]{14}|@|\d{4}|PRIVATE/

/** Messages quote pieces of the row, and pointers its keys. */
export function problemWithoutSecrets(problem: Problem): Problem {
  const { message, pointer } = problem
  if (!mayHoldSecrets.test(message) && !mayHoldSecrets.test(pointer)) return problem
  return { ...problem, message: withoutSecrets(message), pointer: withoutSecrets(pointer) }
}
