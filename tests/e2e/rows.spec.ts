import { openAsBlob } from 'node:fs'
import type { Page } from '@playwright/test'
import type { ApiConnection } from '#lib/client/api-connection.ts'
import { getDatasetRows } from '#lib/client/datasets.ts'
import { uploadDataset } from '#lib/client/uploads.ts'
import { expectAccessible } from './support/axe.ts'
import { atWidths } from './support/gallery.ts'
import { conversations, jsonLines, realFile } from './support/sample-files.ts'
import { expect, test } from './support/test.ts'

/** The rows of a dataset as a person looks at them. */
test.use({ area: 'rows', permissions: ['clipboard-read', 'clipboard-write'] })

const toolCall = [{ type: 'function', function: { name: 'convert', arguments: '{"grams": 6}' } }]
const manyRows = [
  ...conversations(600),
  {
    messages: [
      { role: 'user', content: 'Tell me all' },
      { role: 'assistant', content: 'la '.repeat(70_000) },
    ],
  },
  {
    messages: [
      { role: 'user', content: 'No spaces' },
      { role: 'assistant', content: 'x'.repeat(3_000) },
    ],
  },
  {
    messages: [
      { role: 'system', content: 'You convert units.' },
      { role: 'user', content: 'How much is a teaspoon of salt?' },
      { role: 'assistant', content: null, tool_calls: toolCall },
      { role: 'tool', content: '{"teaspoons": 1}' },
      { role: 'assistant', content: 'One teaspoon.' },
    ],
    source: 'kitchen',
  },
  {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is on the picture?' },
          { type: 'image_url', image_url: { url: 'https://example.org/dish.jpg' } },
        ],
      },
      { role: 'assistant', content: 'A dish.' },
    ],
  },
]
const [longRow, unbrokenRow, toolRow, pictureRow] = [601, 602, 603, 604]

let madeBefore: Promise<string> | undefined
/** The dataset of `manyRows`, made once for the application of this file. */
function datasetOfManyRows(api: ApiConnection): Promise<string> {
  madeBefore ??= upload(api, 'Many rows', new Blob([jsonLines('', manyRows).buffer.toString()]))
  return madeBefore
}

async function upload(api: ApiConnection, name: string, file: Blob): Promise<string> {
  const { dataset } = await uploadDataset(api, {
    file,
    fileName: 'rows.jsonl',
    fields: { name, storage_provider: 'local' },
  })
  return dataset.id
}

const content = (page: Page) => page.getByRole('region', { name: /^Content of row/ })
const heading = (page: Page, row: number) => page.getByRole('heading', { name: `Row ${row}`, exact: true })

async function jumpTo(page: Page, row: string) {
  await page.getByLabel('Go to row').fill(row)
  await page.getByLabel('Go to row').press('Enter')
}

test('Any row is reached by its number and by the keyboard, and no key leads beyond the ends', async ({
  page,
  api,
}) => {
  await page.goto(`/datasets/${await datasetOfManyRows(api)}`)
  const last = manyRows.length
  await expect(content(page)).toContainText('Question 1:')
  await jumpTo(page, '450')
  await expect(heading(page, 450)).toBeVisible()
  await expect(content(page)).toContainText('Question 450:')
  await expect(page.getByRole('option', { selected: true })).toBeInViewport()

  await test.step('A number that is none is said to be so, and leads nowhere', async () => {
    for (const wrong of ['0', '605', '-3', 'ten']) {
      await jumpTo(page, wrong)
      await expect(page.getByLabel('Go to row')).toHaveAttribute('aria-invalid', 'true')
      await expect(page.getByLabel('Go to row')).toHaveAccessibleDescription('Type a number from 1 to 604')
      await expect(heading(page, 450)).toBeVisible()
    }
    await atWidths(page, 'rows-wrong-number')
    await page.getByLabel('Go to row').blur()
    await expect(page.getByLabel('Go to row')).toHaveValue('450')
  })
  await test.step('By letters, wherever the focus is', async () => {
    await page.keyboard.press('j')
    await expect(heading(page, 451)).toBeVisible()
    await page.keyboard.press('k')
    await page.keyboard.press('k')
    await expect(content(page)).toContainText('Question 449:')
  })
  await test.step('By arrows, a page, and to both ends of the list', async () => {
    await page.getByRole('listbox', { name: 'Rows' }).focus()
    await page.keyboard.press('End')
    await expect(heading(page, last)).toBeVisible()
    await page.keyboard.press('ArrowDown')
    await expect(heading(page, last)).toBeVisible()
    await expect(page.getByRole('button', { name: 'Next row' })).toBeDisabled()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowUp')
    await expect(heading(page, 1)).toBeVisible()
    await page.keyboard.press('ArrowDown')
    await expect(heading(page, 2)).toBeVisible()
    await page.keyboard.press('PageDown')
    await expect(heading(page, 2)).toHaveCount(0)
    await expect(page.getByRole('option', { selected: true })).toBeInViewport({ ratio: 1 })
  })
})

test('A link leads to a row as it was looked at; turns, tools and pictures are shown for what they are', async ({
  page,
  api,
}) => {
  const path = `/datasets/${await datasetOfManyRows(api)}`
  await page.goto(`${path}?row=${toolRow}`)
  await expect(content(page)).toContainText('How much is a teaspoon of salt?')
  for (const said of ['system', 'user', 'assistant', 'tool', 'convert', 'One teaspoon.', 'kitchen'])
    await expect(content(page).getByText(said).first()).toBeVisible()
  await expectAccessible(page, 'a row with tools')
  await atWidths(page, 'rows-tools')
  await page.keyboard.press('r')
  await expect(content(page)).toContainText('"tool_calls": [')
  await expect(page).toHaveURL(`${path}?row=${toolRow}&view=raw`)
  await page.getByRole('button', { name: 'Copy link to this row' }).click()
  await expect(page.getByText(`Link to row ${toolRow} copied`)).toBeVisible()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  await page.goto('/datasets')
  await page.goto(link)
  await expect(heading(page, toolRow)).toBeVisible()
  await expect(content(page)).toContainText('"tool_calls": [')
  await page.getByRole('button', { name: 'Copy row as JSON' }).click()
  expect(JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))).toEqual(manyRows[toolRow - 1])

  await page.goto(`${path}?row=99999`)
  await expect(heading(page, pictureRow)).toBeVisible()
  await expect(content(page)).toContainText('What is on the picture?')
  await expect(content(page)).toContainText('image_url')
  await expect(content(page).getByRole('img')).toHaveCount(0)
  await atWidths(page, 'rows-picture')
})

test('A row of 210,000 characters is cut until it is asked for whole; one without a space breaks', async ({
  page,
  api,
}) => {
  const path = `/datasets/${await datasetOfManyRows(api)}`
  await page.goto(`${path}?row=${longRow}`)
  const shown = async () => (await content(page).innerText()).length
  const more = content(page).getByRole('button', { name: 'Show all 210,000 characters' })
  await expect(more).toBeVisible()
  expect(await shown()).toBeLessThan(10_000)
  await atWidths(page, 'rows-long')
  await page.keyboard.press('r')
  await expect(
    content(page).getByRole('button', { name: /^Show all 210,(?!000)\d{3} characters$/ }),
  ).toBeVisible()
  // Struck twice at once it is where it was.
  await page.keyboard.press('r')
  await page.keyboard.press('r')
  await page.keyboard.press('r')
  await more.click()
  await expect.poll(shown).toBeGreaterThan(200_000)
  await page.keyboard.press('j')
  await expect(heading(page, unbrokenRow)).toBeVisible()
  await atWidths(page, 'rows-unbroken')
  const beyond = () => content(page).evaluate((element) => element.scrollWidth - element.clientWidth)
  for (const width of [375, 1600]) {
    await page.setViewportSize({ width, height: 800 })
    for (const view of ['Raw', 'Read']) {
      await page.getByRole('radio', { name: view }).click()
      expect(await beyond(), `${view} at ${width} px`).toBeLessThanOrEqual(0)
    }
  }
})

const pictured = new Set(['dpo_en_demo.json', 'glaive_toolcall_en_demo.json'])
const realFiles = {
  'alpaca_en_demo.json': ['user', 'assistant'],
  'dpo_en_demo.json': ['Prompt', 'Chosen', 'Rejected'],
  'kto_en_demo.json': ['Prompt', 'Completion', 'label'],
  'glaive_toolcall_en_demo.json': ['user', 'assistant'],
  'gsm8k_test.jsonl': ['user', 'assistant'],
  'c4_demo.jsonl': [],
  'wiki_demo.txt': [],
}

test('Real files are read to their last row', async ({ page, api }) => {
  for (const [name, parts] of Object.entries(realFiles)) {
    const file = realFile(name)
    test.skip(file === null, 'the folder with the real files is not beside this checkout')
    await test.step(name, async () => {
      const id = await upload(api, name, await openAsBlob(file!))
      const { total } = await getDatasetRows(api, id, { offset: 0, limit: 1 })
      const { rows } = await getDatasetRows(api, id, { offset: total - 1, limit: 1 })
      await page.goto(`/datasets/${id}?row=${total}`)
      const beginning = firstText(rows[0]).trim().split(/\s+/).slice(0, 8).join(' ')
      await expect(content(page)).toContainText(beginning)
      for (const part of parts)
        await expect(content(page).getByText(part, { exact: true }).first()).toBeVisible()
      if (pictured.has(name)) await atWidths(page, `rows-${name.split('.')[0]}`)
      await page.keyboard.press('r')
      await expect(content(page)).toContainText(parts.length === 0 ? '"text": "' : '"content": "')
    })
  }
})

/** The first thing said in a row. */
function firstText(value: unknown): string {
  if (typeof value === 'string') return value
  const { text, content: said, messages, prompt } = value as Record<string, unknown>
  const [first] = (messages ?? prompt ?? [text ?? said]) as unknown[]
  return firstText(first)
}
