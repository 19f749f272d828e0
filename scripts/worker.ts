/** `npm run worker`: background work for a deployment that sets DATABASE_URL. */
await import('../worker/main.ts')
