import { runtimeHandle } from '#lib/server/runtime-handle.ts'

const handle = (request: Request): Promise<Response> => runtimeHandle().dispatchAccounts(request)

export { handle as GET, handle as POST }
