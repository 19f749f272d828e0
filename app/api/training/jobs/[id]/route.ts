import { route } from '#lib/server/route.ts'

const handle = route('/api/training/jobs/{id}')

export { handle as GET, handle as DELETE }
