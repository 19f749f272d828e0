import { createHmac, timingSafeEqual } from 'node:crypto'
import { denied } from '#lib/errors/app-error.ts'
import { signedLinkSecondsMax } from '../storage-service.ts'

/** Keeps this use of the key apart from every other use of it. */
const purpose = 'finetunelab local dataset link v1'

export interface LocalLink {
  datasetId: string
  /** Unix time in seconds. */
  expires: number
}

/** base64url HMAC-SHA-256 over the dataset id and the expiry. */
export function signLocalLink(link: LocalLink, key: Uint8Array): string {
  return mac(link, key).toString('base64url')
}

/**
 * Passes, or rejects with kind `denied`: code `link_invalid` for a link that none of the keys signed (or that lives
 * too long), `link_expired` for one that was good once. The first key signs; the others are older ones that still verify.
 */
export function verifyLocalSignature(
  link: { datasetId: string; expires: number | string; signature: string },
  keys: readonly Uint8Array[],
  now: Date = new Date(),
): void {
  const expires = typeof link.expires === 'number' ? link.expires : wholeSeconds(link.expires)
  const nowSeconds = Math.floor(now.getTime() / 1000)
  const given = Buffer.from(link.signature, 'base64url')
  let matches = false
  for (const key of keys) {
    const expected = mac({ datasetId: link.datasetId, expires }, key)
    // No early exit: the time must not tell which key it was.
    if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true
  }
  // The one spelling of a signature is the one that we made: base64url decoding forgives stray characters.
  if (!matches || given.toString('base64url') !== link.signature) {
    throw denied('link_invalid', 'This download link is not valid', 'Ask for a new link.')
  }
  if (expires > nowSeconds + signedLinkSecondsMax) {
    // Also what was signed by us: a key that leaked for a moment must not sign for ever.
    throw denied('link_invalid', 'This download link lives longer than links may', 'Ask for a new link.')
  }
  if (expires <= nowSeconds) {
    throw denied('link_expired', 'This download link has expired', 'Ask for a new link.')
  }
}

function mac({ datasetId, expires }: LocalLink, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${purpose}\n${datasetId}\n${expires}`).digest()
}

function wholeSeconds(text: string): number {
  return /^[1-9]\d{0,11}$/.test(text) ? Number(text) : Number.NaN
}
