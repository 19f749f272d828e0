import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useRef } from 'react'
import { randomId } from '#components/datasets/upload/random-id.ts'
import { browserApi } from '#lib/client/browser-api.ts'
import { deployTraining } from '#lib/client/jobs.ts'
import { createTrainingConfig, updateTrainingConfig } from '#lib/client/training-configs.ts'
import { LaunchKey } from './launch-key.ts'
import { configOf, type LaunchValues, launchOf } from './launch-values.ts'

/** The configuration that stands behind the form, as it was last saved. */
interface Saved {
  id: string
  /** Its content as JSON. */
  content: string
}

interface Launch {
  values: LaunchValues
  overwrite: boolean
  /** The machine that the estimate chose, where nobody did. */
  suggested: string | null
}

/**
 * Saves what the form says and launches it. A second press of the same form finds the configuration saved and
 * sends the same idempotency key, so that it makes no second job.
 */
export function useLaunch(start: { id: string; values: LaunchValues } | null) {
  const router = useRouter()
  const queries = useQueryClient()
  const key = useRef(new LaunchKey(randomId))
  const saved = useRef<Saved | null>(
    start ? { id: start.id, content: JSON.stringify(configOf(start.values)) } : null,
  )

  async function saveConfig(values: LaunchValues, overwrite: boolean): Promise<string> {
    const config = configOf(values)
    const content = JSON.stringify(config)
    if (saved.current?.content === content) return saved.current.id
    const { id } =
      overwrite && saved.current
        ? await updateTrainingConfig(browserApi, saved.current.id, config)
        : await createTrainingConfig(browserApi, config)
    saved.current = { id, content }
    void queries.invalidateQueries({ queryKey: ['training-configs'] })
    return id
  }

  const save = useMutation({
    mutationFn: ({ values, overwrite }: { values: LaunchValues; overwrite: boolean }) =>
      saveConfig(values, overwrite),
  })
  const launch = useMutation({
    mutationFn: async ({ values, overwrite, suggested }: Launch) => {
      const training_config_id = await saveConfig(values, overwrite)
      const request = { training_config_id, ...launchOf(values, suggested) }
      return deployTraining(browserApi, values.provider, request, {
        idempotencyKey: key.current.keyFor([values, request]),
      })
    },
    onSuccess: ({ job_id }) => {
      void queries.invalidateQueries({ queryKey: ['jobs'] })
      router.push(`/jobs/${job_id}`)
    },
  })
  return { launch, save }
}
