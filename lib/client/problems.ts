import type { ProblemsFile } from '#lib/training/dataset.types.ts'
import { type ApiConnection, apiHeaders, apiUrl } from './api-connection.ts'
import { rawAnswer, sendRequest } from './call-api.ts'
import { refusal } from './read-answer.ts'

/** The rows of an upload that had problems, as JSON Lines. 404 `problems_not_kept` once their time is over. */
export async function downloadProblemRows(
  api: ApiConnection,
  { url }: Pick<ProblemsFile, 'url'>,
  signal?: AbortSignal,
): Promise<string> {
  const response = await sendRequest(api, apiUrl(api, url), {
    headers: apiHeaders(api),
    signal: signal ?? null,
  })
  const answer = await rawAnswer(response)
  if (response.ok) return answer.text
  throw refusal(answer)
}
