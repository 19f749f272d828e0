import { settingsSchema } from './settings.ts'

const heading = `# The settings of FineTune Lab, each with its default. Copy this file to .env and take the # away where you want
# something else; real environment variables win over the file. Made from lib/config/settings.ts.
`

/** The text of `.env.example`: every setting, in the order of the schema, with its meaning and its default. */
export function envExample(): string {
  const entries = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const initial = name === 'WORKERS' ? undefined : schema.safeParse(undefined).data
    return `\n# ${schema.description}\n# ${name}=${initial ?? ''}\n`
  })
  return heading + entries.join('')
}
