import { rotationSchema } from '#lib/secrets/secret.types.ts'
import { type DoctorEvent, type DoctorOptions, doctorEventSchema } from '#lib/training/doctor/doctor.types.ts'
import { type ApiConnection, apiHeaders, apiUrl } from './api-connection.ts'
import { callApi, rawAnswer, sendRequest } from './call-api.ts'
import { refusal } from './read-answer.ts'
import { textLines } from './text-lines.ts'

export function rotateSecretsThere(api: ApiConnection, { newKey }: { newKey: boolean }) {
  return callApi(api, {
    method: 'POST',
    path: '/api/operator/secrets/rotate',
    json: { new_key: newKey },
    answer: rotationSchema,
  })
}

/** Has the doctor look, and yields what it says as it says it. */
export async function* examineStoresThere(
  api: ApiConnection,
  options: DoctorOptions,
): AsyncGenerator<DoctorEvent> {
  const response = await sendRequest(api, apiUrl(api, '/api/operator/doctor'), {
    method: 'POST',
    headers: apiHeaders(api, { 'content-type': 'application/json' }),
    body: JSON.stringify(options),
  })
  if (!response.ok || !response.body) throw refusal(await rawAnswer(response))
  for await (const line of textLines(response.body)) yield doctorEventSchema.parse(JSON.parse(line))
}
