import type { Bootstrap } from '../bootstrap.ts'
import { invalidLaunch } from '../parse-options.ts'

const folder = '/opt/finetunelab'
export const workDir = `${folder}/work`
/** Lambda's limit is 1 MB, in plain text. */
const bytesMax = 1_000_000

/** Where the log goes: nobody but a person with the SSH key can read it, so that the runner sends it, too. */
const runScript = `. ${folder}/environment
export HOME=/root
eval "$(printf %s "$FINETUNELAB_BOOTSTRAP" | base64 -d)"
`
/** cloud-init runs this once, as root, late in the boot; what it starts must outlive it. */
const startCommand = `setsid nohup sh ${folder}/run.sh >${folder}/log 2>&1 </dev/null &`

/**
 * cloud-init's user data (https://cloudinit.readthedocs.io/en/latest/explanation/format.html). JSON is YAML, so that
 * nothing that anybody typed can be anything but a value.
 */
export function userDataOf({ environment, secrets }: Bootstrap): string {
  const file = (path: string, text: string) => ({
    path: `${folder}/${path}`,
    owner: 'root:root',
    permissions: '0600',
    encoding: 'b64',
    content: Buffer.from(text).toString('base64'),
  })
  const text = `#cloud-config\n${JSON.stringify(
    {
      write_files: [
        file('environment', shellExports({ ...environment, ...secrets })),
        file('run.sh', runScript),
      ],
      runcmd: [['sh', '-c', startCommand]],
    },
    null,
    1,
  )}\n`
  if (Buffer.byteLength(text) <= bytesMax) return text
  const message = `with them the start of the machine takes ${Buffer.byteLength(text)} bytes, of at most ${bytesMax}`
  throw invalidLaunch('Lambda', [{ field: 'environment_variables', message }])
}

function shellExports(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('')
}
