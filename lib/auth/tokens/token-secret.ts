import { createHash, randomBytes } from 'node:crypto'

/** Random tokens are long enough that a plain hash cannot be searched; nothing slower is needed. */
const tokenBytes = 32

export type TokenPrefix = 'ftl' | 'job'

export function makeToken(prefix: TokenPrefix): string {
  return `${prefix}_${randomBytes(tokenBytes).toString('base64url')}`
}

/** Whether a token looks like a runner's; a user's never does. */
export const isJobToken = (token: string | null): boolean => token?.startsWith('job_') === true

/** Lower-case hex SHA-256: what is kept of a token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export function previewToken(token: string): string {
  return `${token.slice(0, 8)}...${token.slice(-4)}`
}
