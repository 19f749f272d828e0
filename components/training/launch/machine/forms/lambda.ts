import { z } from 'zod'
import { candidatesMax } from '#lib/training/launchers/lambda/options.types.ts'
import { machineForm, machines, oneOrMany, present, texts } from './machine-form.ts'

const wordsOf = (text: string) => text.split(/[\s,]+/).filter(Boolean)

export const lambda = machineForm({
  values: z.object({ machines, regions: z.string() }),
  first: { machines: [], regions: '' },
  toOptions: ({ regions }, ids) =>
    present({ instance_type: oneOrMany(ids), region: oneOrMany(wordsOf(regions)) }),
  fromOptions: ({ instance_type, region }) => ({
    machines: texts(instance_type),
    regions: texts(region).join(', '),
  }),
  shownAs: { instance_type: 'machines', region: 'regions' },
  words: {
    machine: 'Instance type',
    candidatesMax,
    about: 'Billed by the minute on your Lambda account, from the boot until it is terminated.',
    count: null,
    fields: [
      {
        kind: 'text',
        name: 'regions',
        label: 'Regions',
        about: 'In the order in which they are tried, with commas between. Empty: every region with room.',
        placeholder: 'us-east-1, us-west-2',
      },
    ],
  },
})
