import { readFile } from 'node:fs/promises'
import { startRunPodDouble } from '#tests/support/providers/runpod/start-runpod-double.ts'
import { startSupabaseDouble } from '#tests/support/supabase/start-supabase-double.ts'

/** What a launch on RunPod needs beside the application: its API and a store that machines can read. */
export async function startSurroundings() {
  const runpod = await startRunPodDouble()
  const supabase = await startSupabaseDouble()
  return {
    runpod,
    settings: {
      RUNPOD_API_URL: runpod.url,
      SUPABASE_URL: supabase.url,
      SUPABASE_ANON_KEY: supabase.anonKey,
      SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
    },
    async close() {
      await runpod.close()
      await supabase.close()
    },
  }
}

export interface LaunchFigures {
  /** From the moment at which "launch" is pressed until the provider has the request for a machine. */
  milliseconds: number[]
}

export async function measureLaunches(
  runpod: Awaited<ReturnType<typeof startRunPodDouble>>,
  api: { url: string; token: string },
  launches: number,
): Promise<LaunchFigures> {
  const call = async (method: string, path: string, body: unknown): Promise<unknown> => {
    const isForm = body instanceof FormData
    const answer = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${api.token}`,
        ...(isForm ? {} : { 'content-type': 'application/json' }),
      },
      body: isForm ? body : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`)
    return JSON.parse(text)
  }
  await call('PUT', '/api/secrets/runpod', { api_key: runpod.apiKey })
  const form = new FormData()
  form.set('name', 'Kitchen assistant')
  form.set('storage_provider', 'supabase')
  form.set('file', new Blob([await readFile('examples/kitchen-assistant.jsonl')]), 'kitchen-assistant.jsonl')
  const { dataset } = (await call('POST', '/api/training/dataset', form)) as { dataset: { id: string } }
  const config = (await call('POST', '/api/training/config', {
    name: 'A launch of the benchmark',
    provider: 'runpod',
    base_model: 'Qwen/Qwen2.5-0.5B',
    method: 'sft',
    trainer: 'smoke',
    hyperparameters: { max_steps: 4 },
    datasets: [{ dataset_id: dataset.id }],
  })) as { id: string }

  const milliseconds: number[] = []
  for (let launch = 0; launch < launches; launch++) {
    const seenBefore = creations(runpod).length
    // Both clocks are this process's: the double runs in it.
    const pressedAt = Date.now()
    await call('POST', '/api/training/deploy/runpod', {
      training_config_id: config.id,
      gpu_type: 'NVIDIA GeForce RTX 4090',
    })
    while (creations(runpod).length === seenBefore) await new Promise((resolve) => setTimeout(resolve, 2))
    milliseconds.push(creations(runpod).at(-1)!.at - pressedAt)
  }
  return { milliseconds }
}

const creations = (runpod: Awaited<ReturnType<typeof startRunPodDouble>>) =>
  runpod.seen.filter(({ method, path }) => method === 'POST' && path === '/v2/pods')
