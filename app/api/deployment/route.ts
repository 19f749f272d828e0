import { route } from '#lib/server/route.ts'

export const PATCH = route('/api/deployment')
