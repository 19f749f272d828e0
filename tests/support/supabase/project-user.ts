import type { SupabaseProject } from './start-supabase-double.ts'

export interface ProjectUser {
  id: string
  name: string
  email: string
  password: string
}

/** A confirmed account of its own in the project, made as Supabase Studio does it. */
export async function makeProjectUser(project: SupabaseProject, name: string): Promise<ProjectUser> {
  const user = {
    name,
    email: `${name.toLowerCase()}-${crypto.randomUUID()}@example.org`,
    password: `password of ${name}`,
  }
  const made = await adminRequest(project, 'POST', '', {
    email: user.email,
    password: user.password,
    email_confirm: true,
    user_metadata: { name },
  })
  return { ...user, id: made.id as string }
}

export function blockProjectUser(project: SupabaseProject, id: string): Promise<unknown> {
  return adminRequest(project, 'PUT', `/${id}`, { ban_duration: '24h' })
}

export function removeProjectUser(project: SupabaseProject, id: string): Promise<unknown> {
  return adminRequest(project, 'DELETE', `/${id}`)
}

/** The tokens of a new session, as a program of the user's own gets them. */
export async function projectTokensOf(
  { url, anonKey }: SupabaseProject,
  { email, password }: ProjectUser,
): Promise<{ access_token: string; refresh_token: string }> {
  const answer = await fetch(`${url}/auth/v1/token?grant_type=password`, {
    method: 'POST',
    headers: { apikey: anonKey, 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  if (!answer.ok) throw new Error(`No session for ${email}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as { access_token: string; refresh_token: string }
}

async function adminRequest(
  { url, serviceRoleKey }: SupabaseProject,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/auth/v1/admin/users${path}`, {
    method,
    headers: {
      apikey: serviceRoleKey,
      authorization: `Bearer ${serviceRoleKey}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} of a user: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}
