/**
 * How a secret lies in the database:
 *
 *     v1.<key id>.<nonce>.<ciphertext and tag>      (base64url but for the key id, which is hex)
 *
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. The associated data are version, key id, owner and
 * provider, so that a text opens only in the row that it was sealed for. The key id tells which key of the ring
 * opens it; it is derived from the key and says nothing about it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { corrupt, misconfigured } from '#lib/errors/app-error.ts'
import { deriveKey, type Keyring } from './keyring.ts'

const version = 'v1'
const nonceBytes = 12
const tagBytes = 16
const keyIdBytes = 8

/** The row that a sealed text belongs to. */
export interface SealedFor {
  userId: string
  provider: string
}

export interface SealedBox {
  seal(plain: string, row: SealedFor): string
  /** Throws `secret_key_missing` without the key, and `secret_corrupt` when the text is not what was sealed for this row. */
  open(sealed: string, row: SealedFor): string
  isSealedWithNewest(sealed: string): boolean
}

export function createSealedBox(keyring: Keyring): SealedBox {
  const keys = keyring.map((key) => ({
    id: Buffer.from(deriveKey(key, 'secrets key id')).toString('hex', 0, keyIdBytes),
    key: deriveKey(key, 'secrets'),
  }))
  const [newest] = keys
  if (!newest) throw misconfigured('invalid_secrets_key', 'There is no key to seal secrets with')

  return {
    isSealedWithNewest: (sealed) => sealed.startsWith(`${version}.${newest.id}.`),

    seal(plain, row) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', newest.key, nonce, { authTagLength: tagBytes })
      cipher.setAAD(associatedData(newest.id, row))
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [version, newest.id, nonce.toString('base64url'), text.toString('base64url')].join('.')
    },

    open(sealed, row) {
      const [sealedVersion, keyId = '', nonceText = '', text = '', ...rest] = sealed.split('.')
      const nonce = Buffer.from(nonceText, 'base64url')
      const bytes = Buffer.from(text, 'base64url')
      const wellFormed = nonce.byteLength === nonceBytes && bytes.byteLength >= tagBytes
      if (sealedVersion !== version || rest.length > 0 || !wellFormed) throw damaged()
      const key = keys.find(({ id }) => id === keyId)?.key
      if (!key) throw keyMissing()
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
      decipher.setAAD(associatedData(keyId, row))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        const plain = Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()])
        return plain.toString('utf8')
      } catch {
        throw damaged()
      }
    },
  }
}

function associatedData(keyId: string, { userId, provider }: SealedFor): Buffer {
  return Buffer.from(JSON.stringify([version, keyId, userId, provider]))
}

const keyMissing = () =>
  misconfigured(
    'secret_key_missing',
    'This secret was sealed with a key that this deployment does not have',
    'The operator can add that key to SECRETS_KEY again, behind the newest; or enter the secret once more.',
  )
const damaged = () =>
  corrupt(
    'secret_corrupt',
    'This secret cannot be opened: it is not what was sealed here',
    'Enter it once more under Settings > Secrets.',
  )
