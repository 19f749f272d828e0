import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkFirstBytes } from '#lib/ingest/check-first-bytes.ts'
import { canonicalShapeOf, datasetFormats } from '#lib/training/dataset.types.ts'
import { shapeForMethod } from '#lib/training/training-config.types.ts'

/** docs/guides/formats.md shows a row, and below it what becomes of it: that has to be so. */
const guide = readFileSync('docs/guides/formats.md', 'utf8')

const sections = guide
  .split(/^### /m)
  .slice(1)
  .map((section) => ({
    format: /^`(\w+)`/.exec(section)![1]!,
    pairs: [...section.matchAll(/```jsonl\n([\s\S]*?)```/g)].map(([, lines]) => lines!.trimEnd().split('\n')),
  }))

test('every format has its section', () => {
  expect(sections.map(({ format }) => format)).toEqual([...datasetFormats])
  for (const { format, pairs } of sections) expect(pairs.length, format).toBeGreaterThan(0)
})

test.each(sections.flatMap(({ format, pairs }) => pairs.map((lines) => ({ format, lines }))))(
  'the example of $format is read as that, and becomes what stands below it',
  async ({ format, lines: [row, ...becomes] }) => {
    const { report, firstRows, refusal } = await checkFirstBytes(Buffer.from(`${row}\n`), {
      declaredFormat: 'auto',
      partial: false,
      rowBytesMax: 1 << 20,
      depthMax: 100,
      rowsMax: 10,
    })
    expect(refusal).toBeNull()
    expect(report.format).toBe(format)
    expect(firstRows).toEqual(becomes.map((line) => JSON.parse(line)))
  },
)

test('the table of methods names every format that some method learns from, with its methods', () => {
  const table = guide.slice(guide.indexOf('## Which methods'), guide.indexOf('## When something'))
  for (const [method, shape] of Object.entries(shapeForMethod)) {
    const line = table.split('\n').find((one) => one.split('|')[3]?.includes(`\`${method}\``))
    const formats = datasetFormats.filter((format) => canonicalShapeOf[format] === shape)
    for (const format of formats) expect(line, method).toContain(`\`${format}\``)
  }
})
