/** What is counted in minutes elsewhere, in seconds. */
export const quickSettings = {
  RECONCILE_SECONDS: '0.3',
  LAUNCH_SETTLE_SECONDS: '1',
  LAUNCH_RETRY_SECONDS: '0.3',
}
