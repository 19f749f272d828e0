import { route } from '#lib/server/route.ts'

export const OPTIONS = route('/api/training/upload/tus')
export const POST = route('/api/training/upload/tus')
