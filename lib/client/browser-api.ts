import type { ApiConnection } from './api-connection.ts'

/** The page's own server, as whoever is signed in. */
export const browserApi: ApiConnection = { baseUrl: '' }
