import { runtimeHandle } from './runtime-handle.ts'

type RouteContext = { params: Promise<Record<string, string>> }

/** A route handler: the endpoint of the contract that has this path, with the method of the request. */
export function route(path: string) {
  return async (request: Request, context: RouteContext): Promise<Response> =>
    runtimeHandle().dispatch(path, request, await context.params)
}
