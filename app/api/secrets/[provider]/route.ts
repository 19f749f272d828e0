import { route } from '#lib/server/route.ts'

export const PUT = route('/api/secrets/{provider}')
export const DELETE = route('/api/secrets/{provider}')
