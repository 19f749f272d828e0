import { route } from '#lib/server/route.ts'

export const POST = route('/api/operator/doctor')
