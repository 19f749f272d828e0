import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeMemberIndex } from '#lib/ingest/member-index.ts'
import { storageCatalog } from '#lib/storage/storage-catalog.ts'
import { storageProviders } from '#lib/storage/storage-provider.types.ts'
import type { Finding } from '#lib/training/doctor/doctor.types.ts'
import {
  chat,
  chats,
  jsonl,
  longChats,
  openWard,
  recompressed,
  type Ward,
} from '../support/doctor/doctor-ward.ts'

/** Made before any connection is open: nothing may hold the process up while one idles. */
const manyRows = longChats(1000)

const codes = (findings: Finding[]) => findings.map(({ code }) => code)
const outcomes = (findings: Finding[]) => findings.map(({ code, outcome }) => `${code}: ${outcome}`)

describe.each(storageProviders)('the doctor (%s)', (provider) => {
  let ward: Ward

  beforeAll(async () => {
    ward = await openWard(provider)
  })
  afterAll(() => ward.close())

  const indexOf = async (id: string) =>
    (
      await ward.app.services.db.service
        .selectFrom('dataset_member_indexes')
        .select('members')
        .where('dataset_id', '=', id)
        .executeTakeFirst()
    )?.members
  const setRow = (id: string, values: Record<string, unknown>) =>
    ward.app.services.db.service
      .updateTable('training_datasets')
      .set(values as never)
      .where('id', '=', id)
      .execute()
  const dropRow = (id: string) =>
    ward.app.services.db.service.deleteFrom('training_datasets').where('id', '=', id).execute()
  const keyOf = (id: string) => storageCatalog[provider].datasetKey(ward.userId, id)

  test('finds nothing where nothing is wrong, however closely it looks', async () => {
    await ward.upload('Whole', chats(3))
    expect(await ward.examine({ deep: true })).toEqual([])
  })

  test('makes a dataset failed whose object is gone, and ready again when it is back', async () => {
    const dataset = await ward.upload('Gone', chats(4))
    const bytes = await ward.read(dataset.storage_path!)
    await ward.store.delete(dataset.storage_path!)
    const [seen] = await ward.examine()
    expect(seen).toMatchObject({ code: 'object_missing', dataset_id: dataset.id, outcome: null })
    expect(await ward.status(dataset.id)).toBe('ready')
    expect(outcomes(await ward.examine({ mend: true }))).toEqual(['object_missing: mended'])
    expect(await ward.status(dataset.id)).toBe('failed')
    const [noted] = await ward.examine({ mend: true })
    expect(noted).toMatchObject({ code: 'row_without_object', severity: 'note', outcome: 'left' })
    await ward.put(dataset.storage_path!, bytes)
    expect(outcomes(await ward.examine({ mend: true }))).toEqual(['row_adoptable: mended'])
    expect((await ward.rows(dataset.id)).rows).toEqual(chats(4))
    expect(await ward.examine({ deep: true })).toEqual([])
    await dropRow(dataset.id)
    await ward.store.delete(dataset.storage_path!)
  })

  test('lets nobody train on bytes that are not those that were stored', async () => {
    const dataset = await ward.upload('Changed', chats(5))
    const bytes = await ward.read(dataset.storage_path!)
    const changed = Buffer.from(bytes)
    changed[changed.length - 20]! ^= 1
    await ward.put(dataset.storage_path!, changed)
    expect(await ward.examine()).toEqual([])
    expect(outcomes(await ward.examine({ deep: true, mend: true }))).toEqual(['object_differs: mended'])
    const [again] = await ward.examine({ mend: true })
    expect(again).toMatchObject({ code: 'row_adoptable', outcome: 'failed' })
    expect(again?.did).toContain('not the bytes that were stored')
    expect(await ward.status(dataset.id)).toBe('failed')
    await ward.put(dataset.storage_path!, Buffer.concat([bytes, bytes]))
    await setRow(dataset.id, { status: 'ready' })
    const [longer] = await ward.examine()
    expect(longer).toMatchObject({ code: 'object_differs' })
    expect(longer?.message).toContain(`${2 * bytes.length} bytes; ${bytes.length} were stored`)
    await dropRow(dataset.id)
    await ward.store.delete(dataset.storage_path!)
  })

  test('rebuilds the index of rows from the object alone, byte for byte the one that was made with it', async () => {
    const dataset = await ward.upload('Long', manyRows)
    const made = await indexOf(dataset.id)
    expect(decodeMemberIndex(made!).length).toBeGreaterThan(1)
    const { db } = ward.app.services
    await db.service.deleteFrom('dataset_member_indexes').where('dataset_id', '=', dataset.id).execute()
    expect(await ward.rows(dataset.id)).toMatchObject({ status: 422, code: 'index_missing' })
    expect(outcomes(await ward.examine({ mend: true }))).toEqual(['index_missing: mended'])
    expect(await indexOf(dataset.id)).toEqual(made)
    expect((await ward.rows(dataset.id, 'offset=998&limit=5')).rows).toEqual(manyRows.slice(998))

    const spoilt = Uint8Array.from(made!)
    spoilt[1]! ^= 1
    const spoil = (members: Uint8Array) =>
      db.service
        .updateTable('dataset_member_indexes')
        .set({ members })
        .where('dataset_id', '=', dataset.id)
        .execute()
    await spoil(spoilt)
    expect(outcomes(await ward.examine({ mend: true }))).toEqual(['index_wrong: mended'])
    expect(await indexOf(dataset.id)).toEqual(made)
    await spoil(Uint8Array.of(9))
    expect(outcomes(await ward.examine({ mend: true, deep: true }))).toEqual(['index_wrong: mended'])
    expect(await indexOf(dataset.id)).toEqual(made)
    await dropRow(dataset.id)
    await ward.store.delete(dataset.storage_path!)
  })

  test('gives an object without a row back to its owner, or removes it when it is told to', async () => {
    const dataset = await ward.upload('Forgotten', chats(6))
    await dropRow(dataset.id)
    expect(await ward.examine({ grace_minutes: 60 })).toEqual([])
    expect(await ward.examine()).toMatchObject([
      { code: 'object_without_row', key: dataset.storage_path, user_id: ward.userId, outcome: null },
    ])
    const [adopted] = await ward.examine({ mend: true })
    expect(adopted).toMatchObject({ code: 'object_without_row', outcome: 'mended' })
    expect((await ward.rows(dataset.id)).rows).toEqual(chats(6))
    expect(await ward.examine({ deep: true })).toEqual([])

    await dropRow(dataset.id)
    expect(outcomes(await ward.examine({ mend: true, orphans: 'keep' }))).toEqual([
      'object_without_row: left',
    ])
    expect(await ward.store.head(dataset.storage_path!)).not.toBeNull()
    const [removed] = await ward.examine({ mend: true, orphans: 'remove' })
    expect(removed).toMatchObject({ outcome: 'mended', did: expect.stringContaining('removed') })
    expect(await ward.store.head(dataset.storage_path!)).toBeNull()
    expect(await ward.examine()).toEqual([])
  })

  test.skipIf(!storageCatalog[provider].mayHoldOthers)(
    'never removes what bears the mark of another deployment, or none',
    async () => {
      const object = gzipSync(jsonl(chats(2)))
      const [theirs, unmarked] = [keyOf(crypto.randomUUID()), keyOf(crypto.randomUUID())]
      await ward.put(theirs, object, { 'deployment-id': crypto.randomUUID() })
      await ward.put(unmarked, object)
      const found = await ward.examine({ mend: true, orphans: 'remove' })
      expect(found).toHaveLength(2)
      expect(found).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ code: 'object_of_others', key: theirs, outcome: 'left' }),
          expect.objectContaining({ code: 'object_without_row', key: unmarked, outcome: 'left' }),
        ]),
      )
      for (const key of [theirs, unmarked]) expect((await ward.read(key)).equals(object)).toBe(true)
      for (const key of [theirs, unmarked]) await ward.store.delete(key)
    },
  )

  test('leaves an object alone whose upload is still under way', async () => {
    const id = crypto.randomUUID()
    await ward.put(keyOf(id), gzipSync(jsonl(chats(2))), { 'deployment-id': ward.app.services.deploymentId })
    const session = {
      id,
      user_id: ward.userId,
      size_bytes: 10,
      fields: '{}',
      storage_provider: provider,
      storage_bucket: ward.store.location.bucket,
      storage_region: ward.store.location.region,
      storage_endpoint: ward.store.location.endpoint,
      storage_path: keyOf(id),
      expires_at: new Date(Date.now() + 60_000),
    }
    const { db } = ward.app.services
    await db.service.insertInto('dataset_upload_sessions').values(session).execute()
    expect(await ward.examine({ mend: true, orphans: 'remove' })).toEqual([])
    expect(await ward.store.head(keyOf(id))).not.toBeNull()

    await db.service
      .updateTable('dataset_upload_sessions')
      .set({ expires_at: new Date(0) })
      .execute()
    expect(outcomes(await ward.examine({ mend: true }))).toEqual(['upload_expired: mended'])
    expect(await ward.store.head(keyOf(id))).toBeNull()
  })

  test('finishes deletions and uploads that stopped half way, and lets living ones be', async () => {
    const dataset = await ward.upload('Half deleted', chats(2))
    await setRow(dataset.id, { status: 'deleting', updated_at: new Date() })
    expect(await ward.examine({ mend: true })).toEqual([])
    await setRow(dataset.id, { updated_at: new Date(Date.now() - 120_000) })
    const [finished] = await ward.examine({ mend: true })
    expect(finished).toMatchObject({ code: 'row_stuck', outcome: 'mended' })
    expect(finished?.did).toContain('and its object')
    expect(await ward.status(dataset.id)).toBeNull()
    expect(await ward.store.head(dataset.storage_path!)).toBeNull()
  })

  describe('takes in what an installation from before had:', () => {
    const adopt = async (id: string) => {
      const found = await ward.examine({ mend: true })
      expect(found.filter(({ dataset_id }) => dataset_id === id)).toMatchObject([
        { code: 'row_adoptable', outcome: 'mended' },
      ])
      expect(await ward.status(id)).toBe('ready')
      return found.find(({ dataset_id }) => dataset_id === id)!
    }
    const pathOf = async (id: string) =>
      (
        await ward.app.services.db.service
          .selectFrom('training_datasets')
          .select('storage_path')
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
      ).storage_path!

    test('a gzip file of canonical rows, where it lies under its usual key', async () => {
      const rows = manyRows
      const id = await ward.addLegacyRow({ name: 'Plain gzip', storage_path: null })
      const object = gzipSync(jsonl(rows).trimEnd())
      await ward.put(keyOf(id), object)
      expect((await adopt(id)).did).toContain('ready where it lies')
      expect((await ward.read(keyOf(id))).equals(object)).toBe(true)
      for (const offset of [0, 700, 998])
        expect((await ward.rows(id, `offset=${offset}&limit=2`)).rows).toEqual(rows.slice(offset, offset + 2))
      expect(await ward.examine({ deep: true })).toEqual([])
      await ward.app.services.db.service
        .deleteFrom('dataset_member_indexes')
        .where('dataset_id', '=', id)
        .execute()
      expect(outcomes(await ward.examine({ mend: true }))).toEqual(['index_missing: mended'])
      expect((await ward.rows(id, 'offset=999&limit=2')).rows).toEqual(rows.slice(999))
    })

    test('rows of another format under a key of another shape, beside it, which stays as it is', async () => {
      const key = 'old exports/chat 1.jsonl'
      const original = Buffer.from(jsonl([{ instruction: 'Add 1 and 1', input: '', output: '2' }]))
      await ward.put(key, original)
      const id = await ward.addLegacyRow({ name: 'Alpaca', storage_path: `/${key}` })
      expect((await adopt(id)).did).toContain('brought in again')
      expect(await pathOf(id)).toBe(keyOf(id))
      const { rows } = await ward.rows(id)
      expect(rows).toEqual([
        {
          messages: [
            { role: 'user', content: 'Add 1 and 1' },
            { role: 'assistant', content: '2' },
          ],
        },
      ])
      expect((await ward.read(key)).equals(original)).toBe(true)
      expect(await ward.examine({ deep: true })).toEqual([])
    })

    test('rows of another format under the usual key, without touching them', async () => {
      const original = gzipSync(jsonl([{ prompt: 'One', completion: 'Two' }]))
      const id = await ward.addLegacyRow({ name: 'Pairs', storage_path: null })
      await ward.put(keyOf(id), original)
      await adopt(id)
      expect((await ward.read(keyOf(id))).equals(original)).toBe(true)
      expect((await ward.rows(id)).total).toBe(1)
      expect(await ward.examine({ deep: true, grace_minutes: 0 })).toEqual([])
    })

    test('nothing that an upload would refuse, and says why', async () => {
      const id = await ward.addLegacyRow({ name: 'Broken', storage_path: 'old/broken.jsonl' })
      await ward.put('old/broken.jsonl', Buffer.from(`${JSON.stringify(chat(1))}\n{"messages": [}\n`))
      const [finding] = await ward.examine({ mend: true })
      expect(finding).toMatchObject({ code: 'row_adoptable', outcome: 'failed' })
      expect(finding?.did).toContain('line 2')
      expect(await ward.status(id)).toBe('failed')
      await dropRow(id)
    })

    test('a row that says another store than the one that has its object', async () => {
      const other = storageProviders.find((each) => each !== provider)!
      const id = await ward.addLegacyRow({ name: 'Moved', storage_path: null, storage_provider: other })
      await ward.put(keyOf(id), gzipSync(jsonl(chats(3))))
      await adopt(id)
      expect((await ward.rows(id)).rows).toEqual(chats(3))
    })

    test('a path that is a whole address', async (context) => {
      const { bucket } = ward.store.location
      if (!bucket) context.skip('this store has no buckets')
      const key = `${ward.userId}/old/with-address.jsonl.gz`
      await ward.put(key, recompressed(gzipSync(jsonl(chats(3)))))
      const address = {
        s3: `s3://${bucket}/${key}`,
        supabase: `https://project.supabase.co/storage/v1/object/authenticated/${bucket}/${key}`,
        local: '',
      }[provider]
      const id = await ward.addLegacyRow({ name: 'Address', storage_path: address })
      await adopt(id)
      expect(await pathOf(id)).toBe(key)
      expect((await ward.rows(id)).rows).toEqual(chats(3))
    })

    test("canonical rows outside their owner's folder, under a key that is theirs", async () => {
      const key = 'old exports/canonical.jsonl.gz'
      const original = gzipSync(jsonl(chats(4)))
      await ward.put(key, original)
      const id = await ward.addLegacyRow({ name: 'Outside', storage_path: key })
      expect((await adopt(id)).did).toContain('brought in again')
      expect(await pathOf(id)).toBe(keyOf(id))
      expect((await ward.rows(id)).rows).toEqual(chats(4))
      expect((await ward.read(key)).equals(original)).toBe(true)
    })

    test('two rows of one object, each with bytes of its own', async () => {
      const key = `${ward.userId}/shared/both.jsonl.gz`
      await ward.put(key, gzipSync(jsonl(chats(2))))
      const one = await ward.addLegacyRow({ name: 'One', storage_path: key })
      const other = await ward.addLegacyRow({ name: 'Other', storage_path: `/${key}` })
      const found = await ward.examine({ mend: true })
      for (const id of [one, other])
        expect(found.find(({ dataset_id }) => dataset_id === id)).toMatchObject({ outcome: 'mended' })
      expect(new Set([await pathOf(one), await pathOf(other)])).toEqual(new Set([keyOf(one), keyOf(other)]))
      const removed = await ward.app.asOwner(`/api/training/dataset/${one}`, { method: 'DELETE' })
      expect(removed.status).toBe(200)
      expect((await ward.rows(other)).rows).toEqual(chats(2))
    })

    test("nothing from another user's folder, whatever a row says", async () => {
      const { db } = ward.app.services
      const another = crypto.randomUUID()
      await db.service
        .insertInto('training_datasets')
        .values({ user_id: another, name: 'Theirs', status: 'failed', storage_provider: provider })
        .execute()
      const key = storageCatalog[provider].datasetKey(another, crypto.randomUUID())
      const theirs = gzipSync(jsonl(chats(5)))
      await ward.put(key, theirs)
      const id = await ward.addLegacyRow({ name: 'Thief', storage_path: key })
      const found = await ward.examine({ mend: true, orphans: 'keep' })
      const about = found.filter(({ dataset_id }) => dataset_id === id)
      expect(about).toMatchObject([{ code: 'row_without_object', outcome: 'left' }])
      expect(about[0]?.message).toContain('folder of another user')
      expect(await ward.status(id)).toBe('failed')
      expect((await ward.read(key)).equals(theirs)).toBe(true)
      await db.service.deleteFrom('training_datasets').where('user_id', '=', another).execute()
      await dropRow(id)
      await ward.store.delete(key)
    })
  })

  test('says that a Supabase project is not set up any more, and nothing about what lies there', async (context) => {
    if (provider !== 'supabase') context.skip('this store has no projects')
    const dataset = await ward.upload('In an earlier project', chats(2))
    await setRow(dataset.id, { storage_endpoint: 'https://earlier.supabase.co' })
    const found = await ward.examine({ mend: true, orphans: 'keep' })
    const place = expect.stringContaining('https://earlier.supabase.co')
    expect(found).toContainEqual(
      expect.objectContaining({ code: 'store_unreachable', place, outcome: 'left' }),
    )
    expect(await ward.status(dataset.id)).toBe('ready')
    const removed = await ward.app.asOwner(`/api/training/dataset/${dataset.id}`, { method: 'DELETE' })
    expect(removed.status).toBe(400)
    expect(await removed.json()).toMatchObject({ code: 'supabase_project_not_configured' })
    expect(await ward.status(dataset.id)).toBe('ready')
    await setRow(dataset.id, { storage_endpoint: dataset.storage_endpoint })
    const again = await ward.app.asOwner(`/api/training/dataset/${dataset.id}`, { method: 'DELETE' })
    expect(await again.json()).toMatchObject({ object_removed: true })
  })

  test('says which store it cannot look into, and nothing about what lies there', async (context) => {
    if (storageCatalog[provider].keyFrom !== 'user') context.skip('this store needs no key of a user')
    const dataset = await ward.upload('Locked in', chats(2))
    await ward.app.services.db.service.deleteFrom('secrets').execute()
    const found = await ward.examine({ mend: true })
    expect(codes(found)).toContain('store_unreachable')
    expect(codes(found)).not.toContain('object_missing')
    expect(await ward.status(dataset.id)).toBe('ready')
  })
})
