import { route } from '#lib/server/route.ts'

const handle = route('/api/training/problems/{id}')

export { handle as GET, handle as DELETE }
