import { route } from '#lib/server/route.ts'

export const DELETE = route('/api/tokens/{id}')
