import { isAppError } from '#lib/errors/app-error.ts'
import type { Keyring } from './keyring.ts'
import { createSealedBox, type SealedBox } from './sealed-box.ts'

/**
 * A box with the keys as they are now: another process may have added one. It seals with the newest there is, and looks
 * for new ones when a text asks for a key that it does not have.
 */
export function createReloadingBox(loadKeyring: () => Keyring): SealedBox {
  let box = createSealedBox(loadKeyring())
  const reloaded = () => {
    box = createSealedBox(loadKeyring())
    return box
  }
  return {
    seal: (plain, row) => reloaded().seal(plain, row),

    open(sealed, row) {
      try {
        return box.open(sealed, row)
      } catch (error) {
        if (!isAppError(error) || error.code !== 'secret_key_missing') throw error
        return reloaded().open(sealed, row)
      }
    },

    isSealedWithNewest: (sealed) => reloaded().isSealedWithNewest(sealed),
  }
}
