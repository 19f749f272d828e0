import type { JobCourse, JobNotice } from '#lib/training/job.types.ts'

export interface NoticeGroup extends JobNotice {
  /** Of the last one. */
  id: number
  /** How often it was said in a row. */
  times: number
}

/** What a job's owner was told, newest first; what was said again and again is one line with its count. */
export function noticesOf(course: JobCourse): NoticeGroup[] {
  const groups: NoticeGroup[] = []
  for (const event of course) {
    if (event.type !== 'notice') continue
    const before = groups.at(-1)
    const times = before?.code === event.data.code ? before.times + 1 : 1
    if (times > 1) groups.pop()
    groups.push({ ...event.data, id: event.id, times })
  }
  return groups.reverse()
}
