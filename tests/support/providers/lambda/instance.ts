import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { Container } from '../container.ts'
import type { LaunchBody } from './launch-body.ts'

export interface InstanceTiming {
  bootingSeconds: number
  /** From `active` until there is an address. */
  addressSeconds: number
  terminatingSeconds: number
}

export type InstanceStatus = 'booting' | 'active' | 'unhealthy' | 'terminating' | 'terminated' | 'preempted'

const cloudConfigSchema = z.object({
  write_files: z.array(
    z.object({
      path: z.string().startsWith('/'),
      content: z.string(),
      encoding: z.literal('b64').optional(),
      owner: z.string().optional(),
      permissions: z.string().optional(),
    }),
  ),
  runcmd: z.array(z.array(z.string()).min(1)),
})

/** One virtual machine: its status over time, and what cloud-init makes of its user data. */
export class Instance {
  readonly id = crypto.randomUUID().replaceAll('-', '')
  readonly body: LaunchBody
  readonly #root = mkdtempSync(join(tmpdir(), 'finetunelab-instance-'))
  readonly #launchedAt = Date.now()
  readonly #timing: InstanceTiming
  #terminatedAt = 0
  #machine: Container | undefined
  /** Set by a suite: overrules what time says, until it is terminated. */
  forced: InstanceStatus | null = null

  constructor(body: LaunchBody, { timing, execute }: { timing: InstanceTiming; execute: boolean }) {
    this.body = body
    this.#timing = timing
    if (execute) setTimeout(() => this.#boot(), timing.bootingSeconds * 1000).unref()
  }

  get status(): InstanceStatus {
    const now = Date.now()
    if (this.#terminatedAt) {
      const seconds = (now - this.#terminatedAt) / 1000
      return seconds < this.#timing.terminatingSeconds ? 'terminating' : 'terminated'
    }
    if (this.forced) return this.forced
    return (now - this.#launchedAt) / 1000 < this.#timing.bootingSeconds ? 'booting' : 'active'
  }

  get ip(): string | null {
    const seconds = (Date.now() - this.#launchedAt) / 1000
    return seconds < this.#timing.bootingSeconds + this.#timing.addressSeconds ? null : '198.51.100.2'
  }

  /** Where a path of the machine lies on this one. */
  at(path: string): string {
    return join(this.#root, path)
  }

  async terminate(): Promise<void> {
    this.#terminatedAt ||= Date.now()
    await this.#machine?.remove()
    rmSync(this.#root, { recursive: true, force: true })
  }

  /** cloud-init: writes the files, then runs the commands as one session. Absolute paths mean this machine's disk. */
  #boot(): void {
    if (this.#terminatedAt) return
    const { write_files, runcmd } = cloudConfigSchema.parse(
      JSON.parse(this.body.user_data!.replace(/^#cloud-config\n/, '')),
    )
    const folders = [...new Set(write_files.map(({ path }) => dirname(path)))]
    const onDisk = (text: string) =>
      folders.reduce((rest, folder) => rest.replaceAll(folder, this.at(folder)), text)
    for (const { path, content, encoding } of write_files) {
      mkdirSync(dirname(this.at(path)), { recursive: true })
      writeFileSync(this.at(path), onDisk(Buffer.from(content, encoding ? 'base64' : 'utf8').toString()))
    }
    // A session of its own would outlive the machine's end here.
    const tools = this.at('/tools')
    mkdirSync(tools, { recursive: true })
    writeFileSync(join(tools, 'setsid'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 })
    for (const [program, ...words] of runcmd) {
      this.#machine = new Container({
        command: [program!, ...words.map(onDisk)],
        environment: { PATH: `${tools}:${process.env.PATH}` },
        restarts: false,
        onStart() {},
        onLine() {},
        onEnd() {},
      })
    }
  }
}
