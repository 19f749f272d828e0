import { startSupabaseDouble } from './start-supabase-double.ts'

/** `node tests/support/supabase/run-supabase-double.ts [port]`: runs until it is told to stop, prints the settings that reach it. */
const double = await startSupabaseDouble({ port: Number(process.argv[2] ?? 0) })
process.stdout.write(
  [
    `SUPABASE_URL=${double.url}`,
    `SUPABASE_ANON_KEY=${double.anonKey}`,
    `SUPABASE_SERVICE_ROLE_KEY=${double.serviceRoleKey}`,
    `SUPABASE_JWT_SECRET=${double.jwtSecret}`,
    '',
  ].join('\n'),
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => double.close())
