/**
 * Next.js bundles its handlers apart from the process that starts it. This is how they reach the one runtime of that
 * process, and the dispatcher that belongs to it: types are shared, modules are not.
 */
export interface RuntimeHandle {
  /** Answers a request to the keeper of accounts, below /api/auth. */
  dispatchAccounts(request: Request): Promise<Response>
  /** Answers a request by the endpoint with this method and path. */
  dispatch(path: string, request: Request, params: Record<string, string>): Promise<Response>
}

const key = Symbol.for('finetunelab.runtime')

export function setRuntimeHandle(handle: RuntimeHandle): void {
  ;(globalThis as Record<symbol, unknown>)[key] = handle
}

export function runtimeHandle(): RuntimeHandle {
  const handle = (globalThis as Record<symbol, unknown>)[key]
  if (!handle) throw new Error('The application was not started by web/main.ts')
  return handle as RuntimeHandle
}
