import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app/start-app.ts'
import { describeOnDatabases } from '../support/postgres/database-kinds.ts'

const aws = {
  api_key: 'AKIAIOSFODNN7EXAMPLE',
  description: 'The team bucket',
  metadata: {
    aws: { secret_access_key: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', s3_bucket: 'our-datasets' },
  },
}

describeOnDatabases('the vault over HTTP', (database) => {
  let app: TestApp
  let userId: string

  const call = async (method: string, path: string, body?: unknown) => {
    const init = { method, headers: { 'content-type': 'application/json' } }
    const answer = await app.asOwner(path, body ? { ...init, body: JSON.stringify(body) } : init)
    const text = await answer.text()
    expect(text).not.toContain(aws.metadata.aws.secret_access_key)
    expect(text).not.toContain(aws.api_key)
    return { status: answer.status, body: JSON.parse(text) }
  }

  beforeAll(async () => {
    app = await startApp({ database })
    userId = (await app.services.identity.ensureOwner()).id
  })
  afterAll(() => app.close())
  beforeEach(async () => {
    await app.services.db.service.deleteFrom('secrets').execute()
  })

  test('a key is put in, shown by its preview only, opened for a call, replaced, and deleted', async () => {
    expect((await call('GET', '/api/secrets')).body).toEqual({ secrets: [] })
    const saved = await call('PUT', '/api/secrets/aws', aws)
    expect(saved).toMatchObject({
      status: 200,
      body: {
        provider: 'aws',
        preview: 'AKIA...MPLE',
        description: 'The team bucket',
        metadata: { aws: { region: 'us-east-1', s3_bucket: 'our-datasets' } },
        last_used_at: null,
        problem: null,
      },
    })
    expect(await app.services.secrets.open(userId, 'aws')).toEqual({
      provider: 'aws',
      apiKey: aws.api_key,
      metadata: { aws: { ...aws.metadata.aws, region: 'us-east-1' } },
    })
    expect(await app.services.secrets.open(userId, 'runpod')).toBeNull()
    const { secrets } = (await call('GET', '/api/secrets')).body
    expect(secrets).toHaveLength(1)
    expect(Date.parse(secrets[0].last_used_at)).toBeGreaterThan(Date.now() - 60_000)

    await call('PUT', '/api/secrets/aws', { ...aws, api_key: 'AKIAANOTHERKEY000002' })
    expect((await app.services.secrets.open(userId, 'aws'))?.apiKey).toBe('AKIAANOTHERKEY000002')
    expect((await call('DELETE', '/api/secrets/aws')).body).toMatchObject({ deleted: true, provider: 'aws' })
    expect(await app.services.secrets.open(userId, 'aws')).toBeNull()
    expect((await call('DELETE', '/api/secrets/aws')).status).toBe(404)
  })

  test('a name of a provider is exact: a pattern, another case or a path deletes nothing', async () => {
    await call('PUT', '/api/secrets/runpod', { api_key: 'rpa_0123456789abcdef' })
    for (const name of [
      '%25',
      '%',
      '*',
      'RunPod',
      'RUNPOD',
      'runpod%00',
      'run%',
      '_unpod',
      '..%2Faws',
      'runpod ',
    ])
      expect((await call('DELETE', `/api/secrets/${encodeURIComponent(name)}`)).status, name).toBe(404)
    expect((await app.asOwner('/api/secrets/%25', { method: 'DELETE' })).status).toBe(404)
    expect((await call('PUT', '/api/secrets/AWS', aws)).status).toBe(404)
    expect((await call('GET', '/api/secrets')).body.secrets).toHaveLength(1)
  })

  test('what a provider needs is asked for by name', async () => {
    const { secret_access_key: _, ...rest } = aws.metadata.aws
    const refused = await call('PUT', '/api/secrets/aws', { ...aws, metadata: { aws: rest } })
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_secret' } })
    expect(refused.body.details).toEqual([
      { field: 'metadata.aws.secret_access_key', message: 'This field is needed' },
    ])
    const lambda = await call('PUT', '/api/secrets/lambda', { api_key: 'secret_lab_0123456789' })
    expect(lambda.status).toBe(400)
    expect(lambda.body.details[0].field).toMatch(/^metadata/)
    const inside = { ...aws.metadata.aws, endpoint: 'http://169.254.169.254' }
    expect(await call('PUT', '/api/secrets/aws', { ...aws, metadata: { aws: inside } })).toMatchObject({
      status: 400,
      body: { code: 'address_refused' },
    })
    expect((await call('PUT', '/api/secrets/huggingface', { api_key: 'hf_0123456789abcdef' })).status).toBe(
      200,
    )
  })

  test('whoever changes a bucket or a name need not have the key at hand: what is left out stays sealed', async () => {
    const change = { metadata: { aws: { s3_bucket: 'other-datasets', region: 'eu-central-1' } } }
    expect(await call('PUT', '/api/secrets/aws', change)).toMatchObject({
      status: 400,
      body: { code: 'invalid_secret' },
    })
    await call('PUT', '/api/secrets/aws', aws)
    expect(await call('PUT', '/api/secrets/aws', change)).toMatchObject({
      status: 200,
      body: { preview: 'AKIA...MPLE', description: null, metadata: { aws: { s3_bucket: 'other-datasets' } } },
    })
    expect(await app.services.secrets.open(userId, 'aws')).toMatchObject({
      apiKey: aws.api_key,
      metadata: { aws: { ...change.metadata.aws, secret_access_key: aws.metadata.aws.secret_access_key } },
    })
    const corrected = { ...change.metadata.aws, secret_access_key: 'pasted-whole-this-time' }
    await call('PUT', '/api/secrets/aws', { metadata: { aws: corrected } })
    expect(await app.services.secrets.open(userId, 'aws')).toMatchObject({
      apiKey: aws.api_key,
      metadata: { aws: corrected },
    })
    // Another key has another secret: the two are never mixed.
    const halfNew = await call('PUT', '/api/secrets/aws', { ...change, api_key: 'AKIAANOTHERKEY000002' })
    expect(halfNew.body.details).toEqual([
      { field: 'metadata.aws.secret_access_key', message: 'This field is needed' },
    ])
    await call('PUT', '/api/secrets/lambda', {
      api_key: 'secret_lab_0123456789',
      metadata: { lambda: { ssh_key_name: 'laptop' } },
    })
    await call('PUT', '/api/secrets/lambda', { metadata: { lambda: { ssh_key_name: 'desk' } } })
    expect(await app.services.secrets.open(userId, 'lambda')).toMatchObject({
      apiKey: 'secret_lab_0123456789',
      metadata: { lambda: { ssh_key_name: 'desk' } },
    })
  })

  test('a row that cannot be opened says so in the list, and does not stop the others', async () => {
    await call('PUT', '/api/secrets/aws', aws)
    await call('PUT', '/api/secrets/runpod', { api_key: 'rpa_0123456789abcdef' })
    // The sealed text of one row in another: moved, as by somebody who may write to the table.
    const { sealed } = await app.services.db.service
      .selectFrom('secrets')
      .select('sealed')
      .where('provider', '=', 'runpod')
      .executeTakeFirstOrThrow()
    await app.services.db.service
      .updateTable('secrets')
      .set({ sealed })
      .where('provider', '=', 'aws')
      .execute()
    const { secrets } = (await call('GET', '/api/secrets')).body
    expect(
      secrets.map(({ provider, problem }: { provider: string; problem: unknown }) => [provider, problem]),
    ).toEqual([
      ['aws', expect.stringContaining('cannot be opened')],
      ['runpod', null],
    ])
    await expect(app.services.secrets.open(userId, 'aws')).rejects.toMatchObject({ code: 'secret_corrupt' })
    const options = await call('GET', '/api/storage/options')
    expect(options.body.options).toContainEqual(
      expect.objectContaining({
        provider: 's3',
        available: false,
        reason: expect.stringContaining('cannot be opened'),
      }),
    )
    expect((await call('PUT', '/api/secrets/aws', aws)).body.problem).toBeNull()
  })

  describe('replacing', () => {
    const alive = async (provider: 'runpod' | 'sagemaker') => {
      const { id } = await app.services.db.service
        .insertInto('training_jobs')
        .values({
          user_id: userId,
          name: `Trains at ${provider}`,
          provider,
          status: 'running',
          config: '{}',
          datasets: '[]',
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      return id
    }

    test('a key or a region that jobs live by waits for a confirmation, and lists them', async () => {
      await call('PUT', '/api/secrets/aws', aws)
      await call('PUT', '/api/secrets/runpod', { api_key: 'rpa_0123456789abcdef' })
      const jobs = { aws: await alive('sagemaker'), runpod: await alive('runpod') }
      const elsewhere = { metadata: { aws: { s3_bucket: 'our-datasets', region: 'eu-central-1' } } }
      for (const [provider, body] of [
        ['aws', elsewhere],
        ['runpod', { api_key: 'rpa_ofanotheraccount' }],
      ] as const) {
        const before = await app.services.secrets.peek(userId, provider)
        const refused = await call('PUT', `/api/secrets/${provider}`, body)
        expect(refused).toMatchObject({
          status: 409,
          body: { code: 'secret_in_use', needed_by: { job_count: 1, jobs: [{ id: jobs[provider] }] } },
        })
        expect(await app.services.secrets.peek(userId, provider)).toEqual(before)
        expect((await call('PUT', `/api/secrets/${provider}?confirm=true`, body)).status).toBe(200)
      }
      expect(await app.services.secrets.open(userId, 'aws')).toMatchObject({
        metadata: { aws: { region: 'eu-central-1' } },
      })
      await app.services.db.service.deleteFrom('training_jobs').execute()
    })

    test('what leads to the same place is changed without a word', async () => {
      await call('PUT', '/api/secrets/aws', aws)
      await alive('sagemaker')
      const elsewhere = { metadata: { aws: { s3_bucket: 'other-datasets' } } }
      expect((await call('PUT', '/api/secrets/aws', elsewhere)).status).toBe(200)
      await app.services.db.service.deleteFrom('training_jobs').execute()
      expect(
        (await call('PUT', '/api/secrets/aws', { ...aws, api_key: 'AKIAANOTHERKEY000002' })).status,
      ).toBe(200)
    })
  })

  describe('deleting', () => {
    test('lists the datasets and jobs that need the key, and waits for a confirmation', async () => {
      await call('PUT', '/api/secrets/aws', aws)
      const { id: dataset } = await app.services.db.service
        .insertInto('training_datasets')
        .values({
          user_id: userId,
          name: 'At S3',
          storage_provider: 's3',
          storage_bucket: 'our-datasets',
          storage_path: 'k',
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      await app.services.db.service
        .insertInto('training_jobs')
        .values({
          user_id: userId,
          name: 'Learns from it',
          provider: 'local',
          status: 'running',
          config: '{}',
          datasets: JSON.stringify([{ dataset_id: dataset }]),
        })
        .execute()
      await app.services.db.service
        .insertInto('training_jobs')
        .values({
          user_id: userId,
          name: 'Leaves its results there',
          provider: 'local',
          status: 'running',
          config: '{}',
          datasets: '[]',
          artifact_storage_provider: 's3',
        })
        .execute()
      const place = { storage_provider: 's3' as const, storage_bucket: 'our-datasets', storage_path: 'k' }
      await app.services.db.service
        .insertInto('training_job_artifacts')
        .values({
          user_id: userId,
          name: 'adapter.tar',
          ...place,
          status: 'ready',
          size_bytes: 1,
          sha256: '0'.repeat(64),
        } as never)
        .execute()
      const later = { size_bytes: 1, fields: '{}', expires_at: new Date(Date.now() + 60_000), ...place }
      for (const status of ['receiving', 'duplicate', 'failed'] as const)
        await app.services.db.service
          .insertInto('dataset_upload_sessions')
          .values({
            id: crypto.randomUUID(),
            user_id: userId,
            file_name: `${status}.jsonl`,
            status,
            ...later,
          })
          .execute()
      const refused = await call('DELETE', '/api/secrets/aws')
      expect(refused).toMatchObject({
        status: 409,
        body: {
          code: 'secret_in_use',
          needed_by: {
            dataset_count: 1,
            job_count: 2,
            artifact_count: 1,
            artifacts: [{ name: 'adapter.tar', job_id: null, place: 's3://our-datasets' }],
            upload_count: 2,
            datasets: [{ id: dataset, place: 's3://our-datasets' }],
          },
        },
      })
      for (const name of [
        'At S3',
        'Leaves its results there',
        'adapter.tar',
        'receiving.jsonl',
        'duplicate.jsonl',
      ])
        expect(refused.body.details.join(' ')).toContain(`"${name}"`)
      expect((await call('GET', '/api/secrets')).body.secrets).toHaveLength(1)
      expect((await call('DELETE', '/api/secrets/aws?confirm=true')).status).toBe(200)
      const rows = await call('GET', `/api/training/dataset/${dataset}`)
      expect(rows.status).toBe(200)
      await app.services.db.service.deleteFrom('training_jobs').execute()
      await app.services.db.service.deleteFrom('training_datasets').execute()
      await app.services.db.service.deleteFrom('training_job_artifacts').execute()
      await app.services.db.service.deleteFrom('dataset_upload_sessions').execute()
    })
  })
})
