import { timingSafeEqual } from 'node:crypto'
import { unauthenticated } from '#lib/errors/app-error.ts'
import { deriveKey } from '#lib/secrets/keyring.ts'
import { bearerOf } from './authenticate.ts'
import { hashToken } from './tokens/token-secret.ts'

/**
 * Proves that a program holds a key of this deployment: whoever can read SECRETS_KEY runs the deployment. The
 * maintenance commands use it to reach an application that holds the embedded database.
 */
export function operatorToken(key: Uint8Array): string {
  return `ftl_operator_${Buffer.from(deriveKey(key, 'operator token')).toString('base64url')}`
}

export function requireOperator(tokens: readonly string[], headers: Headers): void {
  const given = Buffer.from(hashToken(bearerOf(headers) ?? ''))
  if (tokens.some((token) => timingSafeEqual(Buffer.from(hashToken(token)), given))) return
  throw unauthenticated(
    'not_the_operator',
    'This is for the maintenance commands of this deployment',
    'Run them where SECRETS_KEY, or the key file in DATA_DIR, is the one that the application was started with.',
  )
}
