import { route } from '#lib/server/route.ts'

const handle = route('/api/training/jobs/{id}/artifacts/{name}')

export { handle as GET, handle as PUT, handle as DELETE }
