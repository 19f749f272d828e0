import { z } from 'zod'
import { machineForm, machines } from './machine-form.ts'

/** There is nothing to choose. */
export const local = machineForm({
  values: z.object({ machines }),
  first: { machines: [] },
  toOptions: () => ({}),
  fromOptions: () => ({}),
  shownAs: {},
  words: { machine: '', candidatesMax: 0, about: '', count: null, fields: [] },
})
