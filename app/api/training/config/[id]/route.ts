import { route } from '#lib/server/route.ts'

const handle = route('/api/training/config/{id}')

export { handle as GET, handle as PATCH, handle as DELETE }
