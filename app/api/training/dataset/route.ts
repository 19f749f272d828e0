import { route } from '#lib/server/route.ts'

const handle = route('/api/training/dataset')

export { handle as GET, handle as POST }
