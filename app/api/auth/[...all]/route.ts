import { runtimeHandle } from '#lib/server/runtime-handle.ts'

/** Sign-in, sign-out and their kin belong to the keeper of accounts, whole. */
const handle = (request: Request): Promise<Response> => runtimeHandle().services.identity.handle(request)

export { handle as GET, handle as POST }
