import { type Endpoint, endpoint } from '../endpoint.ts'
import { openApiDocument } from '../openapi.ts'

/** The table describes itself; it is handed in, because it is not whole while this entry of it is made. */
export const openApiEndpoint = (endpoints: () => readonly Endpoint[]): Endpoint =>
  endpoint({
    id: 'getOpenApi',
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This contract as an OpenAPI 3.1 document',
    access: 'public',
    handle: async ({ services }) => openApiDocument(endpoints(), services.publicUrl()),
  })
