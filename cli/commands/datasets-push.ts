import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { isApiError } from '#lib/client/api-error.ts'
import { fileFingerprint } from '#lib/client/file-fingerprint.ts'
import {
  cancelUpload,
  createUpload,
  getUploadBeyond,
  goesOnWith,
  keepDuplicate,
  listUploads,
  uploadedDataset,
} from '#lib/client/resumable-uploads.ts'
import { sendUpload } from '#lib/client/send-upload.ts'
import { uploadInterruption } from '#lib/client/upload-interruption.ts'
import { formatBytes, formatCount, formatPercent } from '#lib/display/number-format.ts'
import { invalid } from '#lib/errors/app-error.ts'
import type { StorageProvider } from '#lib/storage/storage-provider.types.ts'
import type { UploadMetadata } from '#lib/training/upload-session.types.ts'
import { plain } from '../output.ts'
import type { Action, Context } from '../program.ts'
import { ProgressBar } from '../progress-bar.ts'
import { openWindowedFile } from '../windowed-file.ts'
import { fieldsOf, type ReadingOptions } from './reading-options.ts'
import { reportWords } from './report-words.ts'

interface PushOptions extends ReadingOptions {
  name?: string
  description?: string
  store?: StorageProvider
  keepDuplicate?: boolean
  restart?: boolean
}

interface PushedFile {
  path: string
  sizeBytes: number
  fingerprint: string
}

export const push: Action<[string], PushOptions> = async (context, options, path) => {
  const { output, signal } = context
  const info = await stat(path)
  if (!info.isFile()) throw invalid('not_a_file', 'This is no file', path)
  const file = { path, sizeBytes: info.size, fingerprint: await fileFingerprint(await openAsBlob(path)) }
  const api = await context.api()
  const id = await openUpload(context, api, file, options)
  try {
    await send(context, api, id, file)
  } catch (error) {
    const isAsked = isApiError(error) && error.code === 'duplicate_dataset'
    if (isAsked && options.keepDuplicate) await keepDuplicate(api, { id, sizeBytes: file.sizeBytes })
    else if (isAsked) {
      // Nobody waits for an answer: nothing is kept.
      await cancelUpload(api, id)
      throw error
    } else {
      if (signal.aborted) output.note('Paused. The same command goes on from here, within 7 days.')
      throw error
    }
  }
  const result = await uploadedDataset(api, id)
  const { dataset, report } = result
  const made = `${plain(dataset.name)}: ${formatCount(dataset.total_examples ?? 0)} examples, format ${dataset.format}, ${formatBytes(dataset.file_size_bytes ?? 0)} in ${dataset.storage_provider}`
  output.result(result, [made, ...reportWords(report), dataset.id].join('\n'))
}

/** The upload of this very file that was broken off, wherever that was, or a new one. */
async function openUpload(
  { output, signal }: Context,
  api: ApiConnection,
  file: PushedFile,
  options: PushOptions,
): Promise<string> {
  const { uploads } = await listUploads(api, signal)
  const metadata = metadataOf(file, options)
  const unfinished = uploads.filter((one) => goesOnWith(one, file.fingerprint, metadata))
  if (options.restart) for (const { id } of unfinished) await cancelUpload(api, id)
  const [known] = options.restart ? [] : unfinished
  if (known) {
    const sent = formatPercent(known.size_bytes === 0 ? 0 : known.offset / known.size_bytes)
    output.note(`An upload of this file was broken off at ${sent}: going on there. (--restart begins anew.)`)
    return known.id
  }
  return createUpload(api, { sizeBytes: file.sizeBytes, metadata }, signal)
}

function metadataOf({ path, fingerprint }: PushedFile, options: PushOptions): UploadMetadata {
  const { name, description, store, keepDuplicate: keep } = options
  return {
    filename: basename(path),
    fingerprint,
    name,
    description,
    ...fieldsOf(options),
    storage_provider: store,
    on_duplicate: keep ? 'keep' : 'ask',
  }
}

async function send(
  { output, signal }: Context,
  api: ApiConnection,
  id: string,
  file: PushedFile,
): Promise<void> {
  const bar = new ProgressBar('Sending', 0, output.json ? { isShown: false } : {})
  try {
    const source = await openWindowedFile(file.path, (beyond) => getUploadBeyond(api, { id, beyond }, signal))
    await sendUpload(api, id, source, {
      signal,
      onProgress: (sentBytes) => bar.update(sentBytes, file.sizeBytes),
      onInterrupted(error) {
        bar.clear()
        output.note(uploadInterruption(error))
      },
    })
  } finally {
    bar.clear()
  }
}
