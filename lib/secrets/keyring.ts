import { hkdfSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { misconfigured } from '#lib/errors/app-error.ts'

const keyBytes = 32
const keyFileName = 'secrets.key'

/** The keys of this deployment, newest first: the first seals and signs, all of them open and verify. */
export type Keyring = readonly Uint8Array[]

/** Keys from `SECRETS_KEY`, or from the key file, which is made on first start and readable by this user only. */
export function loadKeyring(setting: string | undefined, dataDir: string): Keyring {
  return (setting ?? readOrMakeKeyFile(join(dataDir, keyFileName)))
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const key = Buffer.from(text, 'base64')
      if (key.byteLength === keyBytes) return key
      throw misconfigured(
        'invalid_secrets_key',
        'SECRETS_KEY is not usable',
        'Each key is 32 bytes in base64: openssl rand -base64 32',
      )
    })
}

function readOrMakeKeyFile(path: string): string {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(path, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8')
}

/** Puts a new key in front of those in the key file: from now on it seals, and the others go on opening. */
export function addKeyToFile(dataDir: string): void {
  const path = join(dataDir, keyFileName)
  const keys = [randomBytes(keyBytes).toString('base64'), readOrMakeKeyFile(path).trim()].join(',')
  const written = `${path}.new`
  writeFileSync(written, `${keys}\n`, { mode: 0o600 })
  renameSync(written, path)
}

/** A key for one purpose (HKDF-SHA256, RFC 5869), so that a use cannot be turned against another. */
export function deriveKey(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `finetunelab ${purpose}`, keyBytes))
}
