import { z } from 'zod'

/** Who is looking, and what the sign-in page should offer. */
export const sessionSchema = z.object({
  user: z.object({ id: z.uuid(), email: z.string(), name: z.string() }).nullable(),
  auth: z.enum(['local', 'supabase']),
  /** No account exists yet: the page offers to create the owner. */
  needs_owner: z.boolean(),
  signup_open: z.boolean(),
  /** Whether `user` decides for the whole deployment. */
  is_owner: z.boolean(),
})
export type Session = z.infer<typeof sessionSchema>

/** Whether others can make accounts by themselves. */
export const signupSchema = z.object({ signup_open: z.boolean() })

export const passwordMin = 10
export const ownerInputSchema = z.object({
  name: z.string().trim().min(1, 'Tell us what to call you').max(100),
  email: z.email('An e-mail address such as ada@example.org').max(254),
  password: z.string().min(passwordMin, `At least ${passwordMin} characters`).max(128),
})

export const signInSchema = z.object({
  email: z.email('An e-mail address such as ada@example.org'),
  password: z.string().min(1, 'Type your password'),
})

export const apiTokenSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  /** The first and last characters, to recognise it by. */
  preview: z.string(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().nullable(),
  expires_at: z.iso.datetime().nullable(),
})
export type ApiToken = z.infer<typeof apiTokenSchema>

export const apiTokenInputSchema = z.object({
  name: z.string().trim().min(1, 'Say what it is for').max(100),
  /** Absent: it does not expire. */
  expires_in_days: z.number().int().min(1).max(3650).optional(),
})
export const apiTokenCreatedSchema = apiTokenSchema.extend({
  /** Shown this once; only its hash is kept. */
  token: z.string(),
})
export type ApiTokenCreated = z.infer<typeof apiTokenCreatedSchema>
export const apiTokenListSchema = z.object({ tokens: z.array(apiTokenSchema) })
