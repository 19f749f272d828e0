import type { Services } from '#lib/services.ts'

/** What advancing a launch needs. */
export type LaunchServices = Pick<
  Services,
  | 'db'
  | 'launchers'
  | 'queue'
  | 'log'
  | 'stores'
  | 'storageAccess'
  | 'sealedBox'
  | 'settings'
  | 'deploymentId'
  | 'loopbackUrl'
  | 'publicUrl'
>
