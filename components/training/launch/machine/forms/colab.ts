import { z } from 'zod'
import { machineForm, machines, present, texts } from './machine-form.ts'

export const colab = machineForm({
  values: z.object({ machines }),
  first: { machines: [] },
  toOptions: (_, [id]) => present({ gpu_type: id }),
  fromOptions: ({ gpu_type }) => ({ machines: texts(gpu_type) }),
  shownAs: { gpu_type: 'machines' },
  words: {
    machine: 'GPU',
    candidatesMax: 1,
    about:
      'What the notebook asks for when you open it. Colab and your plan there decide; compute units are paid at Google.',
    count: null,
    fields: [],
  },
})
