import type { Job } from '#lib/training/job.types.ts'
import { checkCell, codeCell, gpuCell, releaseCell, runCell, runnerCell, saveCell } from './notebook-cells.ts'

/** Jupyter's notebook format 4.5, as Colab reads it. */
export interface Notebook {
  nbformat: 4
  nbformat_minor: 5
  metadata: Record<string, unknown>
  cells: Cell[]
}

export type Cell =
  | { cell_type: 'markdown'; id: string; metadata: Record<string, unknown>; source: string[] }
  | {
      cell_type: 'code'
      id: string
      metadata: Record<string, unknown>
      source: string[]
      outputs: never[]
      execution_count: null
    }

export interface NotebookParts {
  job: Job
  /** Where this application is reached. */
  baseUrl: string
  /** Which GPU Colab is asked for. */
  gpuType: string
}

/**
 * The notebook that trains one job. It holds no token and no link, so it may be kept, shared and put in a gist: whoever
 * runs it needs a one-time code from the job's page.
 */
export function notebookOf({ job, baseUrl, gpuType }: NotebookParts): Notebook {
  const jobUrl = `${baseUrl}/jobs/${job.id}`
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      accelerator: 'GPU',
      colab: { name: `finetunelab-${job.id.slice(0, 8)}.ipynb`, provenance: [], gpuType },
      kernelspec: { name: 'python3', display_name: 'Python 3' },
      language_info: { name: 'python' },
    },
    cells: [
      markdown('about', introduction(job, jobUrl)),
      ...(job.config.trainer === 'smoke' ? [] : [code('gpu', gpuCell)]),
      code('reach', checkCell(baseUrl)),
      code('code', codeCell(job.id, jobUrl)),
      code('runner', runnerCell),
      code('train', runCell),
      markdown(
        'after',
        'Run the next cells when the training has ended and you want its result, or no more of this machine.',
      ),
      code('save', saveCell),
      code('release', releaseCell),
    ],
  }
}

function introduction(job: Job, jobUrl: string): string {
  return `# ${plain(job.name)}

Trains \`${plain(job.config.base_model)}\` (${job.config.method}, ${job.config.trainer}) and reports to [its page](${jobUrl}).

1. Choose **Runtime > Run all**.
2. When a field asks for a code, open [the training's page](${jobUrl}), choose **Make a code**, and type it here. It works once, for 15 minutes.
3. Leave this tab open: Colab takes the machine away when it is closed for long.

This file holds no key and no token. To open it in Colab: **File > Upload notebook**; or put it in Google Drive and open
it from there; or put it in a gist and go to \`https://colab.research.google.com/gist/<user>/<gist id>\`.`
}

/** Text of a person's own, which must not become markup. */
const plain = (text: string) => text.replaceAll(/[\\`*_{}[\]()<>#+!|$~\n\r]/g, ' ').slice(0, 200)

const lines = (text: string) => text.split(/(?<=\n)/)
const markdown = (id: string, text: string): Cell => ({
  cell_type: 'markdown',
  id,
  metadata: {},
  source: lines(text),
})
const code = (id: string, text: string): Cell => ({
  cell_type: 'code',
  id,
  metadata: {},
  source: lines(text),
  outputs: [],
  execution_count: null,
})
