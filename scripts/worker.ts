/** `npm run worker`: background work for a deployment that sets DATABASE_URL. */
import '../worker/main.ts'
