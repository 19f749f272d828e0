import type { Outcome } from './launcher.ts'

const marker = 'finetunelab '

/**
 * The end of a training as the runner, or the bootstrap, prints it for those who can only read the provider's log; null
 * where no line tells of one. See "Detached" in runner/README.md.
 */
export function outcomeInLog(lines: Iterable<string>): Outcome | null {
  let outcome: Outcome | null = null
  for (const line of lines) {
    if (line.startsWith(marker)) outcome = outcomeIn(line.slice(marker.length)) ?? outcome
  }
  return outcome
}

function outcomeIn(text: string): Outcome | null {
  let news: {
    type?: unknown
    status?: unknown
    error?: { code?: unknown; message?: unknown }
    result_path?: unknown
  }
  try {
    news = JSON.parse(text)
  } catch {
    return null
  }
  const { status, error } = news
  if (news.type !== 'status' || (status !== 'succeeded' && status !== 'failed' && status !== 'cancelled'))
    return null
  return {
    status,
    ...(error
      ? { error: { code: String(error.code ?? 'failed'), message: String(error.message ?? '') } }
      : {}),
    ...(typeof news.result_path === 'string' ? { resultPath: news.result_path } : {}),
  }
}
