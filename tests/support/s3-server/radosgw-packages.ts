import { execFile } from 'node:child_process'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'finetunelab', 'radosgw')

/** What the packages recommend for real disks and real machines; a store in memory needs none of it. */
const unneeded = new Set([
  'cryptsetup-bin',
  'dmeventd',
  'dmidecode',
  'gdisk',
  'hdparm',
  'logrotate',
  'lvm2',
  'nvme-cli',
  'parted',
  'smartmontools',
  'sudo',
  'xfsprogs',
])

const multiarch: Partial<Record<NodeJS.Architecture, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
}

/** This machine has no such packages, however often it is asked. */
export class NoPackages extends Error {}

export interface RadosgwPrograms {
  /** Folder into which the packages were unpacked. */
  root: string
  libraries: string
  env: NodeJS.ProcessEnv
}

/**
 * Ceph's gateway from the distribution's packages, unpacked below a cache folder: nothing is installed, no root
 * needed, some 60 MB on the first call. Rejects with {@link NoPackages} on machines that have no apt.
 */
export async function unpackedRadosgw(): Promise<RadosgwPrograms> {
  const triplet = multiarch[process.arch]
  if (process.platform !== 'linux' || !triplet) throw new NoPackages(`no packages for ${process.platform}`)
  const root = join(cacheFolder, 'root')
  if (!(await exists(join(root, 'usr/bin/radosgw')))) await unpackInto(root)
  const libraries = join(root, 'usr/lib', triplet)
  return {
    root,
    libraries,
    env: {
      ...process.env,
      PATH: `${join(root, 'usr/bin')}:${join(root, 'usr/sbin')}:${process.env.PATH}`,
      PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
      LD_LIBRARY_PATH: [libraries, join(libraries, 'ceph'), join(root, 'lib', triplet)].join(':'),
    },
  }
}

async function unpackInto(root: string): Promise<void> {
  const names = (await neededPackages([])) ?? (await neededPackages(await privateLists()))
  if (!names) throw new Error('apt knows no radosgw package')
  // A name of its own, renamed when complete: two runs may do this at once, and one may be interrupted.
  const work = `${root}.${process.pid}`
  const debs = join(work, 'debs')
  await mkdir(debs, { recursive: true })
  try {
    await run('apt-get', ['download', ...names.options, ...names.packages], { cwd: debs })
    for (const file of await readdir(debs))
      await run('dpkg-deb', ['-x', join(debs, file), join(work, 'root')])
    await rename(join(work, 'root'), root).catch(async (error) => {
      if (!(await exists(join(root, 'usr/bin/radosgw')))) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function neededPackages(options: string[]): Promise<{ options: string[]; packages: string[] } | null> {
  const wanted = ['radosgw', 'ceph-mon', 'ceph-osd']
  try {
    const { stdout } = await run('apt-get', [
      'install',
      '--simulate',
      '--no-install-recommends',
      ...options,
      ...wanted,
    ])
    const packages = [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!)
    return { options, packages: packages.filter((name) => !unneeded.has(name)) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new NoPackages('this machine has no apt-get')
    return null
  }
}

/** Package lists of our own, for machines whose lists are empty and may not be written. */
async function privateLists(): Promise<string[]> {
  const folder = join(cacheFolder, 'apt')
  await mkdir(join(folder, 'lists/partial'), { recursive: true })
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true })
  const options = ['-o', `Dir::State::Lists=${folder}/lists`, '-o', `Dir::Cache=${folder}/cache`]
  await run('apt-get', ['update', ...options])
  return options
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
