/**
 * What a GPU can do, for estimates only. Source: the vendors' data sheets, dense tensor throughput in bf16 (fp16 where
 * the hardware has no bf16), accumulation in fp32; memory in GiB as sold.
 */
export interface GpuFigures {
  name: string
  tflops: number
  memoryGib: number
}

const gpus: readonly (GpuFigures & { pattern: RegExp })[] = [
  gpu('B300', 2250, 270, /b300/),
  gpu('B200', 2250, 180, /b200/),
  gpu('MI300X', 1307, 192, /mi300x/),
  gpu('GH200', 990, 96, /gh200/),
  gpu('H200', 990, 141, /h200/),
  gpu('H100 NVL', 835, 94, /h100.*nvl/),
  gpu('H100 PCIe', 756, 80, /h100.*pcie/),
  gpu('H100', 990, 80, /h100/),
  gpu('A100 40 GB', 312, 40, /a100.*40/),
  gpu('A100 80 GB', 312, 80, /a100/),
  gpu('RTX PRO 6000', 500, 96, /rtx\s*pro\s*6000/),
  gpu('L40S', 362, 48, /l40s/),
  gpu('L40', 181, 48, /l40/),
  gpu('RTX 6000 Ada', 364, 48, /6000\s*ada/),
  gpu('RTX 5090', 210, 32, /5090/),
  gpu('RTX 4090', 165, 24, /4090/),
  gpu('RTX 3090', 71, 24, /3090/),
  gpu('RTX A6000', 155, 48, /a6000/),
  gpu('A40', 150, 48, /a40\b/),
  gpu('RTX A5000', 111, 24, /a5000/),
  gpu('RTX A4500', 95, 20, /a4500/),
  gpu('RTX A4000', 77, 16, /a4000/),
  gpu('A10G', 70, 24, /a10g/),
  gpu('A10', 125, 24, /a10\b/),
  gpu('L4', 121, 24, /\bl4\b/),
  gpu('V100', 112, 16, /v100/),
  gpu('RTX 6000', 130, 24, /rtx\s*6000/),
  gpu('T4', 65, 16, /\bt4\b/),
]

function gpu(name: string, tflops: number, memoryGib: number, pattern: RegExp) {
  return { name, tflops, memoryGib, pattern }
}

/** The figures of a GPU by whatever name a provider gives it, or null for one that is not in the table. */
export function gpuFigures(name: string): GpuFigures | null {
  const plain = name.toLowerCase().replaceAll(/[-_]/g, ' ')
  const found = gpus.find(({ pattern }) => pattern.test(plain))
  return found ? { name: found.name, tflops: found.tflops, memoryGib: found.memoryGib } : null
}
