import { route } from '#lib/server/route.ts'

export const GET = route('/api/training/jobs/{id}/course')
