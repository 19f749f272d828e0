import { statfs } from 'node:fs/promises'
import { DoctorFinding, type DoctorReport, type PlannedStep, runDoctorSteps } from '../bucket-doctor.ts'
import type { StorageService } from '../storage-service.ts'

const body = Buffer.from('FineTune Lab was here.')
/** Below this the next dataset of some size will not fit. */
const freeBytesMin = 1024 ** 3

const fixes: Record<string, string> = {
  storage_denied:
    'Give the user that runs FineTune Lab the right to write there: chown it, or set DATA_DIR elsewhere.',
  disk_full: 'Make room on the disk, or set DATA_DIR to a larger one.',
}

/** Writes, reads and removes a scratch file in the local store. */
export async function examineLocalStore(
  store: StorageService,
  root: string,
  signal?: AbortSignal,
): Promise<DoctorReport<Record<string, never>>> {
  const key = `finetunelab-doctor/${crypto.randomUUID()}`
  const plan: PlannedStep[] = [
    {
      id: 'put',
      label: 'Store an object',
      async run() {
        await store.put(key, once(body), { signal })
        return 'A file can be written and synced.'
      },
    },
    {
      id: 'range',
      label: 'Read a part of it',
      needs: ['put'],
      async run() {
        const chunks: Uint8Array[] = []
        for await (const chunk of await store.getRange(key, { start: 2, end: 9 }, { signal }))
          chunks.push(chunk)
        if (Buffer.concat(chunks).equals(body.subarray(2, 10))) return 'The bytes are what was written.'
        throw new DoctorFinding('Other bytes came back than were written.', 'Check the disk.')
      },
    },
    {
      id: 'space',
      label: 'Room on the disk',
      needs: ['put'],
      async run() {
        const { bavail, bsize } = await statfs(root)
        const free = bavail * bsize
        const words = `${(free / 1e9).toFixed(1)} GB are free.`
        if (free >= freeBytesMin) return words
        throw new DoctorFinding(`Only ${words.replace(' are', '')}`, fixes.disk_full!)
      },
    },
    {
      id: 'delete',
      label: 'Delete',
      needs: ['put'],
      async run() {
        await store.delete(key, { signal })
        return 'Files can be removed.'
      },
    },
  ]
  const steps = await runDoctorSteps(plan, fixes)
  await store.delete(key).catch(() => {})
  signal?.throwIfAborted()
  return { ok: steps.every(({ status }) => status === 'pass'), steps, learned: {}, advice: [] }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
