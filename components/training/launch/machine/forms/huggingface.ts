import { z } from 'zod'
import { deployOptionsSchema } from '#lib/training/launchers/huggingface/options.types.ts'
import { machineForm, machines, present, texts } from './machine-form.ts'

const { docker_image } = deployOptionsSchema.parse({})

export const huggingface = machineForm({
  values: z.object({ machines, docker_image: z.string() }),
  first: { machines: [], docker_image },
  toOptions: ({ machines: _, ...rest }, [id]) => present({ flavor: id, ...rest }),
  fromOptions: ({ flavor, ...rest }) => ({ ...rest, machines: texts(flavor) }),
  shownAs: { flavor: 'machines' },
  words: {
    machine: 'Flavor',
    candidatesMax: 1,
    about: 'Billed by the minute on your Hugging Face account. Jobs need a paid plan or credits there.',
    count: null,
    fields: [
      {
        kind: 'text',
        name: 'docker_image',
        label: 'Docker image',
        about: 'Needs Python 3.9 or later. What the trainer lacks is installed at the start.',
        placeholder: '',
      },
    ],
  },
})
