import { z } from 'zod'

/** InstanceLaunchRequest of the API's own document, strictly. */
export const launchBodySchema = z.strictObject({
  region_name: z.string(),
  instance_type_name: z.string(),
  ssh_key_names: z.array(z.string()),
  file_system_names: z.array(z.string()).optional(),
  file_system_mounts: z
    .array(z.strictObject({ mount_point: z.string().max(256), file_system_id: z.string() }))
    .optional(),
  hostname: z
    .string()
    .regex(/^[a-z0-9][0-9a-z-]{0,62}$/)
    .optional(),
  name: z.string().max(64).optional(),
  image: z.union([z.strictObject({ id: z.string() }), z.strictObject({ family: z.string() })]).optional(),
  user_data: z.string().optional(),
  tags: z
    .array(
      z.strictObject({
        key: z
          .string()
          .regex(/^[a-z][a-z0-9-:]+$/)
          .max(55),
        value: z.string().max(128),
      }),
    )
    .optional(),
  firewall_rulesets: z.array(z.strictObject({ id: z.string() })).optional(),
})
export type LaunchBody = z.output<typeof launchBodySchema>

const userDataBytesMax = 1_000_000

/** Why Lambda would refuse it, or null. `quantity` has gone; more than one machine was never got since. */
export function invalidParameters(body: unknown): string | null {
  const parsed = launchBodySchema.safeParse(body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    if (issue?.code === 'unrecognized_keys') return `Unknown parameters: ${issue.keys.join(', ')}.`
    return `${issue?.path.join('.')}: ${issue?.message}`
  }
  const { ssh_key_names, user_data = '' } = parsed.data
  if (ssh_key_names.length !== 1) return 'Exactly one SSH key must be specified.'
  if (Buffer.byteLength(user_data) > userDataBytesMax) return 'user_data cannot exceed 1MB in size.'
  return null
}
