import { Alert } from '#components/ui/alert.tsx'
import type { ProviderState } from '#lib/training/compatibility.types.ts'
import { SwitchInput } from '../SwitchInput.tsx'

/** Without an address that the internet reaches: what that means here, and the way that is left. */
export function UnreachableNotice({ state: { label, can_detach: canDetach } }: { state: ProviderState }) {
  return (
    <div className="grid gap-4">
      <Alert tone="warning" title={`A machine at ${label} cannot reach this application`}>
        Whoever runs FineTune Lab sets <code className="font-mono">APP_BASE_URL</code> to an address that the
        internet reaches: a domain, or a tunnel.
        {canDetach && ' Until then a training can run detached.'}
      </Alert>
      {canDetach && <DetachedSwitch />}
    </div>
  )
}

export function DetachedSwitch() {
  return (
    <SwitchInput
      field={{
        path: 'detached',
        label: 'Train detached',
        about:
          'The machine gets a link to one dataset that is good for two hours, and cannot ask for another. Its state is known by asking the provider: no live curves, and the log only where the provider keeps one.',
      }}
    />
  )
}
