import { route } from '#lib/server/route.ts'

export const GET = route('/api/training/upload/tus/{id}')
export const HEAD = route('/api/training/upload/tus/{id}')
export const PATCH = route('/api/training/upload/tus/{id}')
export const DELETE = route('/api/training/upload/tus/{id}')
