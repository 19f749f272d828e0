import { createInterface } from 'node:readline/promises'
import { deleteDataset } from '#lib/client/datasets.ts'
import { invalid } from '#lib/errors/app-error.ts'
import { findDataset } from '../find-dataset.ts'
import { plain } from '../output.ts'
import type { Action } from '../program.ts'

/** All are looked up before the first is deleted. */
export const removeDataset: Action<[string[]], { yes?: boolean }> = async (context, { yes }, idsOrNames) => {
  const { output, signal } = context
  const api = await context.api()
  const found = []
  for (const idOrName of idsOrNames) found.push(await findDataset(api, idOrName, signal))
  if (!yes)
    await confirm(`Delete ${found.map(({ name }) => `"${plain(name)}"`).join(', ')} and the bytes? [y/N] `)
  for (const { id } of found) await deleteDataset(api, id)
  const deleted = found.map(({ id, name }) => ({ id, name }))
  output.result({ deleted }, deleted.map(({ name }) => `Deleted "${plain(name)}".`).join('\n'))
}

async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw invalid('not_confirmed', 'Nothing was deleted', 'Say --yes, since nobody can be asked here.')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await lines.question(question).finally(() => lines.close())
  if (!/^y(es)?$/i.test(answer.trim())) throw invalid('not_confirmed', 'Nothing was deleted')
}
