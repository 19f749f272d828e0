import { route } from '#lib/server/route.ts'

const handle = route('/api/tokens')

export { handle as GET, handle as POST }
