/** `npm run secrets:rotate [-- --new-key]`: seals every secret with the newest key, while the application runs. */
import { parseArgs } from 'node:util'
import { rotateSecretsThere } from '#lib/client/operator.ts'
import { processSettings } from '#lib/config/process-settings.ts'
import { rotateSecrets } from '#lib/secrets/rotate-secrets.ts'
import { maintain, runCommand } from './maintenance.ts'

await runCommand(async () => {
  const { values } = parseArgs({ options: { 'new-key': { type: 'boolean', default: false } } })
  const newKey = values['new-key']
  const done = await maintain(processSettings(), {
    here: (services) => rotateSecrets(services, { newKey }),
    there: (api) => rotateSecretsThere(api, { newKey }),
  })
  if (done.key_added) console.log('A new key was made; it stands first in the key file.')
  console.log(`${done.resealed} sealed again, ${done.up_to_date} were up to date.`)
  for (const { user_id, provider, code } of done.unreadable)
    console.error(`Not opened, and left as it is: ${provider} of ${user_id} (${code}).`)
  if (done.unreadable.length === 0)
    console.log(
      'Nothing needs the older keys any more. Take them away at the next start, when links that live two hours have run out.',
    )
  return done.unreadable.length === 0 ? 0 : 1
})
