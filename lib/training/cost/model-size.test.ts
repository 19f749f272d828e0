import { expect, test } from 'vitest'
import { gpuFigures } from './gpu-table.ts'
import { sizeOfModel } from './model-size.ts'
import { listedMachines, priceOf } from './price-table.ts'

test.each([
  ['Qwen/Qwen2.5-0.5B', 0.5, 0.5],
  ['Qwen/Qwen2.5-0.5B-Instruct', 0.5, 0.5],
  ['HuggingFaceTB/SmolLM2-135M', 0.135, 0.135],
  ['meta-llama/Llama-3.1-8B-Instruct', 8, 8],
  ['meta-llama/Llama-3.3-70B', 70, 70],
  ['TinyLlama/TinyLlama-1.1B-Chat-v1.0', 1.1, 1.1],
  ['google/gemma-2-2b-it', 2, 2],
  ['unsloth/Meta-Llama-3.1-8B-bnb-4bit', 8, 8],
  ['Qwen/Qwen3-30B-A3B', 30, 3],
  ['mistralai/Mixtral-8x7B-v0.1', 46.48, 12.95],
  ['openai-community/gpt2', 0.12, 0.12],
  ['microsoft/phi-2', 2.7, 2.7],
])('%s says its size', (name, held, used) => {
  const size = sizeOfModel(name)
  expect(size.known).toBe(true)
  expect(size.held.high / 1e9).toBeCloseTo(held, 1)
  expect(size.used.high / 1e9).toBeCloseTo(used, 1)
})

test.each(['acme/secret-model', 'v2', '/srv/models/mine', 'x-0B'])(
  '%s does not, and a range is assumed',
  (name) => {
    expect(sizeOfModel(name)).toMatchObject({ known: false, held: { low: 1e9, high: 8e9 } })
  },
)

test.each([
  ['NVIDIA A100 80GB PCIe', 'A100 80 GB'],
  ['NVIDIA A100-SXM4-40GB', 'A100 40 GB'],
  ['1x A100 (40 GB SXM4)', 'A100 40 GB'],
  ['NVIDIA H100 80GB HBM3', 'H100'],
  ['NVIDIA H100 PCIe', 'H100 PCIe'],
  ['NVIDIA GeForce RTX 4090', 'RTX 4090'],
  ['NVIDIA RTX 6000 Ada Generation', 'RTX 6000 Ada'],
  ['NVIDIA RTX A6000', 'RTX A6000'],
  ['NVIDIA RTX PRO 6000 Blackwell', 'RTX PRO 6000'],
  ['Nvidia A10G', 'A10G'],
  ['1x A10 (24 GB PCIe)', 'A10'],
  ['Nvidia L40S', 'L40S'],
  ['NVIDIA L4', 'L4'],
  ['Tesla T4', 'T4'],
  ['1x GH200 (96 GB)', 'GH200'],
])('%s is known as %s', (name, known) => {
  expect(gpuFigures(name)?.name).toBe(known)
})

test('every machine of the shipped list has a GPU whose figures are known, and a name of its own', () => {
  for (const provider of ['runpod', 'lambda', 'sagemaker', 'huggingface', 'colab'] as const) {
    const machines = listedMachines(provider)
    expect(new Set(machines.map(({ id }) => id)).size).toBe(machines.length)
    for (const { id, gpu, usdPerHour } of machines) {
      expect(gpuFigures(gpu!.name), id).not.toBeNull()
      expect(usdPerHour === null || usdPerHour > 0).toBe(true)
      expect(priceOf(provider, id)).toBe(usdPerHour)
    }
  }
})
