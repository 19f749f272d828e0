/**
 * The name that everything we start at a provider carries: `ftl-<deployment>-<job>`, both in lower-case hex, 45
 * characters, which every provider's name field takes. It says which deployment answers for the machine and for which
 * job it was asked: what cannot be told from a provider's own id after a crash is told from this.
 */
const stampPattern = /^ftl-([0-9a-f]{8})-([0-9a-f]{32})$/

export interface Stamp {
  /** First eight hex digits of the deployment's id. */
  deployment: string
  jobId: string
}

export function stampOf(deploymentId: string, jobId: string): string {
  return `${stampPrefix(deploymentId)}${jobId.replaceAll('-', '')}`
}

/** What every name of this deployment begins with. */
export function stampPrefix(deploymentId: string): string {
  return `ftl-${deploymentOf(deploymentId)}-`
}

/** The stamp in a name, or null where the name is somebody else's. */
export function readStamp(name: string): Stamp | null {
  const match = stampPattern.exec(name)
  if (!match) return null
  const [, deployment, hex] = match as unknown as [string, string, string]
  const jobId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  )
  return { deployment, jobId }
}

export function isOurs(stamp: Stamp, deploymentId: string): boolean {
  return stamp.deployment === deploymentOf(deploymentId)
}

const deploymentOf = (deploymentId: string) => deploymentId.replaceAll('-', '').slice(0, 8)
