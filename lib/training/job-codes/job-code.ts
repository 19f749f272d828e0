import { createHmac, randomInt } from 'node:crypto'

/** Without letters that are taken for digits or for each other. */
const letters = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 8

/** About 39 bits: enough for a quarter of an hour of limited guessing. */
export function makeCode(): string {
  const code = Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** What is kept of a code: so short a secret could be searched in a copy of the database if it had no key. */
export function hashCode(code: string, key: Uint8Array): string {
  const plain = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  return createHmac('sha256', key).update(`job code ${plain}`).digest('hex')
}
