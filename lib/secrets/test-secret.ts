import type { z } from 'zod'
import type { User } from '#lib/auth/identity.ts'
import { notFound } from '#lib/errors/app-error.ts'
import type { Services } from '#lib/services.ts'
import { runDoctorSteps } from '#lib/storage/bucket-doctor.ts'
import { stepsOfEarlierPlaces } from './earlier-places.ts'
import { keyFixes, planKeyCheck } from './key-check.ts'
import { keyChecks } from './key-checks.ts'
import {
  type OpenedSecret,
  type SecretProvider,
  secretProviderLabels,
  type secretTestSchema,
} from './secret.types.ts'

type TestServices = Pick<Services, 'db' | 'secrets' | 'settings' | 'stores' | 'storageAccess'>
type Report = z.infer<typeof secretTestSchema>

/** Tries a secret at its provider, step by step; keeps the outcome, and for `aws` what was learned about the store. */
export async function testSecret(
  services: TestServices,
  user: User,
  provider: SecretProvider,
  signal: AbortSignal,
): Promise<Report> {
  const secret = await services.secrets.open(user.id, provider)
  if (!secret) {
    throw notFound(
      'secret_not_found',
      `There is no secret for ${secretProviderLabels[provider]}`,
      'Put it in first.',
    )
  }
  if (provider === 'aws') return testAws(services, user, secret, signal)
  const check = keyChecks[provider](services.settings)
  const steps = await runDoctorSteps(planKeyCheck(check, secret, signal), keyFixes)
  const ok = steps.every(({ status }) => status === 'pass')
  await services.secrets.noteTest(user.id, provider, secret, { ok, at: new Date().toISOString() })
  return { ok, steps, advice: [] }
}

async function testAws(
  services: TestServices,
  user: User,
  secret: OpenedSecret,
  signal: AbortSignal,
): Promise<Report> {
  const access = await services.storageAccess(user.id)
  const { ok, steps, learned, advice } = await services.stores.examine('s3', access, {
    userId: user.id,
    signal,
  })
  const { forcePathStyle, checksumMode, conditionalWrites } = learned
  const dialect = {
    force_path_style: forcePathStyle ?? false,
    checksum_mode: checksumMode ?? 'none',
    conditional_writes: conditionalWrites ?? false,
  }
  const earlier = await stepsOfEarlierPlaces(services, user, access, signal)
  const allOk = ok && earlier.every(({ status }) => status === 'pass')
  // What was learned is of today's bucket, whatever the earlier ones say.
  const found = { ok: allOk, at: new Date().toISOString(), ...(ok ? { learned: dialect } : {}) }
  await services.secrets.noteTest(user.id, 'aws', secret, found)
  return { ok: allOk, steps: [...steps, ...earlier], advice }
}
