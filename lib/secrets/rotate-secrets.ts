import { conflict } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { resealEnvironments } from '#lib/training/jobs/reseal-environments.ts'
import { addKeyToFile } from './keyring.ts'
import type { Rotation } from './secret.types.ts'

/**
 * Seals every secret, and what living jobs were given, with the newest key. With `newKey` a new one is made first, where the keys are in the key file;
 * keys in SECRETS_KEY are the operator's to change. Secrets can be used, put in and deleted meanwhile.
 */
export async function rotateSecrets(
  services: Pick<Services, 'secrets' | 'settings' | 'db' | 'sealedBox' | 'log'>,
  { newKey }: { newKey: boolean },
): Promise<Rotation> {
  const { secrets, settings } = services
  if (newKey) {
    if (settings.SECRETS_KEY) {
      throw conflict(
        'secrets_key_is_set',
        'The keys come from SECRETS_KEY',
        'Put a new one in front (openssl rand -base64 32), a comma behind it, start again, and run this without --new-key.',
      )
    }
    addKeyToFile(settings.DATA_DIR)
  }
  const done = [await secrets.reseal(), await resealEnvironments(services)]
  const sum = (of: 'resealed' | 'upToDate') => done.reduce((total, each) => total + each[of], 0)
  return {
    key_added: newKey,
    resealed: sum('resealed'),
    up_to_date: sum('upToDate'),
    unreadable: done
      .flatMap(({ unreadable }) => unreadable)
      .map(({ userId, provider, code }) => ({
        user_id: userId,
        provider,
        code,
      })),
  }
}
