import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '#lib/db/database.ts'
import { isAppError } from '#lib/errors/app-error.ts'
import type { SealedBox, SealedFor } from './sealed-box.ts'
import type { LastTest, OpenedSecret, SecretProvider, ShownMetadata } from './secret.types.ts'

/** What is written of a secret: `sealed` fields go into the envelope, the others beside it. */
export interface SecretToSeal {
  apiKey: string
  metadata: OpenedSecret['metadata']
  shown: ShownMetadata
  description: string | null
}

/** The vault. Rows are one a user and provider; what it opens is for the one call that asks. */
export interface SecretsManager {
  /** A user's secret, its use noted; null where there is none. Throws when there is one that cannot be opened. */
  open(userId: string, provider: SecretProvider): Promise<OpenedSecret | null>
  /** The same without counting as a use: for looking whether something could be done. */
  peek(
    userId: string,
    provider: SecretProvider,
  ): Promise<(OpenedSecret & { lastTest: LastTest | null }) | null>
  /** At most one write a minute: a poll must not become a stream of writes. */
  noteUse(userId: string, provider: SecretProvider): Promise<void>
  /** Puts a secret in the place of the one there was; what had been learned with that one is forgotten. */
  save(userId: string, provider: SecretProvider, secret: SecretToSeal): Promise<void>
  /** Keeps what a test found, unless the secret was replaced meanwhile. */
  noteTest(userId: string, provider: SecretProvider, tested: OpenedSecret, test: LastTest): Promise<void>
  /** Seals with the newest whatever an older one sealed; answers what could not be opened too. */
  reseal(): Promise<Resealed>
}

export interface Resealed {
  resealed: number
  upToDate: number
  /** `provider` names what it is: a secret's provider, or the environment of a job. */
  unreadable: { userId: string; provider: string; code: string }[]
}

const useNotedEvery = '1 minute'

export function createSecretsManager({
  db,
  log,
  box,
}: {
  db: Database
  log: Logger
  box: SealedBox
}): SecretsManager {
  const find = (userId: string, provider: SecretProvider) =>
    db.service
      .selectFrom('secrets')
      .select(['sealed', 'last_test'])
      .where('user_id', '=', userId)
      .where('provider', '=', provider)
      .executeTakeFirst()

  const opened = (sealed: string, row: SealedFor & { provider: SecretProvider }): OpenedSecret => {
    const { api_key, metadata } = JSON.parse(box.open(sealed, row))
    return { provider: row.provider, apiKey: api_key, metadata }
  }

  const manager: SecretsManager = {
    async open(userId, provider) {
      const row = await find(userId, provider)
      if (!row) return null
      const secret = opened(row.sealed, { userId, provider })
      await manager.noteUse(userId, provider)
      return secret
    },

    async peek(userId, provider) {
      const row = await find(userId, provider)
      if (!row) return null
      return { ...opened(row.sealed, { userId, provider }), lastTest: row.last_test as LastTest | null }
    },

    async noteUse(userId, provider) {
      await db.service
        .updateTable('secrets')
        .set({ last_used_at: sql<Date>`now()` })
        .where('user_id', '=', userId)
        .where('provider', '=', provider)
        .where(
          sql<boolean>`(last_used_at is null or last_used_at < now() - cast(${useNotedEvery} as interval))`,
        )
        .execute()
    },

    async save(userId, provider, { apiKey, metadata, shown, description }) {
      const written = {
        sealed: box.seal(JSON.stringify({ api_key: apiKey, metadata }), { userId, provider }),
        preview: previewOf(apiKey),
        description,
        metadata: JSON.stringify(shown),
        last_test: null,
        last_used_at: null,
        updated_at: sql<Date>`now()`,
      }
      await db.service
        .insertInto('secrets')
        .values({ user_id: userId, provider, ...written })
        .onConflict((on) => on.columns(['user_id', 'provider']).doUpdateSet(written))
        .execute()
    },

    async noteTest(userId, provider, tested, test) {
      const row = await find(userId, provider)
      if (!row || !sameSecret(opened(row.sealed, { userId, provider }), tested)) return
      await db.service
        .updateTable('secrets')
        .set({ last_test: JSON.stringify(test) })
        .where('user_id', '=', userId)
        .where('provider', '=', provider)
        .where('sealed', '=', row.sealed)
        .execute()
    },

    async reseal() {
      const rows = await db.service.selectFrom('secrets').select(['user_id', 'provider', 'sealed']).execute()
      const result: Resealed = { resealed: 0, upToDate: 0, unreadable: [] }
      for (const { user_id: userId, provider, sealed } of rows) {
        if (box.isSealedWithNewest(sealed)) {
          result.upToDate += 1
          continue
        }
        try {
          const again = box.seal(box.open(sealed, { userId, provider }), { userId, provider })
          // Only over the very text that was opened: a secret that was replaced meanwhile is newer than this one.
          await db.service
            .updateTable('secrets')
            .set({ sealed: again })
            .where('user_id', '=', userId)
            .where('provider', '=', provider)
            .where('sealed', '=', sealed)
            .execute()
          result.resealed += 1
        } catch (error) {
          if (!isAppError(error)) throw error
          const { code } = error
          log.warn({ user: userId, provider, code }, 'a secret could not be sealed again')
          result.unreadable.push({ userId, provider, code })
        }
      }
      return result
    },
  }
  return manager
}

/** `AKIA...7XYZ`: enough to recognise a key by; at most half of it, so that the rest cannot be guessed. */
export function previewOf(key: string): string {
  const shown = Math.min(4, Math.floor(key.length / 4))
  return shown === 0 ? '...' : `${key.slice(0, shown)}...${key.slice(-shown)}`
}

function sameSecret(one: OpenedSecret, other: OpenedSecret): boolean {
  return one.apiKey === other.apiKey && JSON.stringify(one.metadata) === JSON.stringify(other.metadata)
}
