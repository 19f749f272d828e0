import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runDuckdb } from './duckdb.ts'

/*
 * A large file of real prose: the rows of small public datasets as conversations, in random order (the same on every
 * run) until the size is reached. A row comes again only megabytes later, far behind what deflate looks back at, so
 * the file packs as real text does.
 */
export const textShapes = ['chatml.jsonl', 'alpaca.jsonl', 'pretty-array.json', 'table.csv'] as const
type TextShape = (typeof textShapes)[number]
export type CorpusShape = TextShape | 'chatml.parquet'

/** A folder of datasets as Hugging Face and LLaMA-Factory ship them; see `conversations` for the shapes. */
const samples = process.env.BENCH_DATASETS ?? join(import.meta.dirname, '../../../shared/datasets')
/** Written once for each size, and outside the repository. */
const cache = process.env.BENCH_CACHE ?? join(tmpdir(), 'finetunelab-bench-corpus')

interface Turn {
  role: string
  content: string
}

/** The path of a corpus of so many megabytes of text, written now if it is not there yet. */
export async function corpusFile(shape: CorpusShape, megabytes: number): Promise<string> {
  const folder = join(cache, `${megabytes}-megabytes`)
  const file = join(folder, shape)
  if (existsSync(file)) return file
  await mkdir(folder, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  if (shape === 'chatml.parquet') await writeParquet(await corpusFile('chatml.jsonl', megabytes), unfinished)
  else await writeText(unfinished, shape, megabytes * 1e6)
  await rename(unfinished, file)
  return file
}

/** Messages as nested columns, compressed with Snappy, as the Hub converts JSON Lines; groups of some ten megabytes. */
const writeParquet = (from: string, to: string): Promise<unknown> =>
  runDuckdb(
    `COPY (SELECT * FROM read_json('${from}', format = 'newline_delimited')) TO '${to}' (FORMAT parquet, ROW_GROUP_SIZE 10240)`,
  )

async function writeText(file: string, shape: TextShape, bytes: number): Promise<void> {
  const rows = (await conversations()).map((turns) => written[shape](turns))
  const { open, between, close } = frames[shape]
  const out = createWriteStream(file)
  const random = generator(20)
  let size = 0
  out.write(open)
  while (size < bytes) {
    const text = (size === 0 ? '' : between) + rows[Math.floor(random() * rows.length)]!
    size += Buffer.byteLength(text)
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end(close)
  await once(out, 'close')
}

const frames = {
  'chatml.jsonl': { open: '', between: '\n', close: '\n' },
  'alpaca.jsonl': { open: '', between: '\n', close: '\n' },
  'pretty-array.json': { open: '[\n  ', between: ',\n  ', close: '\n]\n' },
  'table.csv': { open: 'prompt,completion\n', between: '\n', close: '\n' },
} as const satisfies Record<TextShape, unknown>

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`

const written: Record<TextShape, (turns: Turn[]) => string> = {
  'chatml.jsonl': (messages) => JSON.stringify({ messages }),
  'alpaca.jsonl': ([ask, answer]) =>
    JSON.stringify({ instruction: ask!.content, input: '', output: answer!.content }),
  'pretty-array.json': (messages) => JSON.stringify({ messages }, null, 2).replaceAll('\n', '\n  '),
  'table.csv': ([ask, answer]) => `${quoted(ask!.content)},${quoted(answer!.content)}`,
}

async function conversations(): Promise<Turn[][]> {
  if (!existsSync(samples))
    throw new Error(`No datasets in ${samples}: set BENCH_DATASETS to a folder of some`)
  const found: Turn[][] = []
  for (const file of await readdir(samples)) {
    const text = await readFile(join(samples, file), 'utf8')
    if (file.endsWith('.json')) found.push(...JSON.parse(text).map(turnsOf))
    else if (file.endsWith('.jsonl'))
      found.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => turnsOf(JSON.parse(line))),
      )
    else if (file.endsWith('.txt'))
      found.push(...text.split(/(?<=\.)\s?(?=[A-Z])/).map((line) => ask('Go on.', line)))
  }
  return found.filter((turns) => turns.length >= 2)
}

const ask = (question: string, answer: string): Turn[] => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
]

// biome-ignore lint/suspicious/noExplicitAny: rows of several shapes, read by what they have
function turnsOf(row: any): Turn[] {
  if (row.text !== undefined) return ask('Go on.', row.text)
  if (row.instruction !== undefined) return ask([row.instruction, row.input].join('\n').trim(), row.output)
  if (row.question !== undefined) return ask(row.question, row.answer)
  const turns = [...(row.messages ?? row.conversations), ...(row.chosen ? [row.chosen] : [])]
  const roles: Record<string, string> = { human: 'user', observation: 'user', system: 'system' }
  return turns.map((turn) =>
    turn.role
      ? { role: turn.role, content: turn.content }
      : { role: roles[turn.from] ?? 'assistant', content: turn.value },
  )
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 8) / 2 ** 24
  }
}
