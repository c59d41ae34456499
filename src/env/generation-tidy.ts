// What generations leave behind: one that a kill kept from being used, and old ones that nothing can be using any more.

import { diagnose, isDenError } from '../base/error.ts'
import type { Context, Host } from '../host/host.ts'
import { readEnvironment } from './environment.ts'
import { currentGeneration, type Generation, generations, linkedPlaces, throughDirectories } from './generation.ts'
import { ifReadable } from './quietly.ts'

const day = 24 * 60 * 60 * 1000

/**
 * Removes what is of no use. The one before the newest stays for a day, whoever uses it: a program that started with it goes on importing.
 * Older ones go when no process has anything open there, or after a day. What can't be removed is a warning. Under the lock of .den.
 */
export function tidyGenerations(context: Context, root: string, through: readonly string[]): void {
  const { host } = context
  const { disk, files, path } = host
  const current = currentGeneration(host, root)
  if (current === undefined) return
  const all = generations(host, root)
  const older = all.filter(({ number }) => number < current.number)
  const going = all.filter(({ number }) => number > current.number)
  for (const [index, one] of older.entries()) {
    const successor = older[index + 1] ?? current
    const since = files.lstat(successor.directory)?.modified ?? host.now()
    const isOld = host.now() - since > day
    if (isOld || (index < older.length - 1 && !isUsed(host, one))) going.push(one)
  }
  quietly(context, () => {
    for (const { directory } of going) disk.removeTree(directory)
    for (const place of linkedPlaces(host, root, through)) {
      const link = path.join(root, place)
      if (files.stat(link) === undefined) disk.removeFile(link)
    }
  })
}

/** The same for an environment that a killed process left, whatever its Python. Under the lock of .den. */
export function tidyEnvironment(context: Context, root: string): void {
  if (currentGeneration(context.host, root) === undefined) return
  const environment = readEnvironment(context.host, root)
  if (environment !== undefined) tidyGenerations(context, root, throughDirectories(context.host, environment.paths))
}

function quietly(context: Context, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!isDenError(error)) throw error
    context.report({ kind: 'warning', warning: diagnose(error) })
  }
}

/** Whether a process is in it, runs something of it or has something of it open. Only Linux tells; elsewhere a day has to pass. */
function isUsed(host: Host, { directory }: Generation): boolean {
  if (host.platform !== 'linux') return true
  const { files } = host
  const inside = (path: string | undefined): boolean =>
    path !== undefined && (path === directory || path.startsWith(`${directory}/`))
  const link = (path: string): string | undefined => ifReadable(() => files.readLink(path))
  return (ifReadable(() => files.names('/proc')) ?? []).some((name) => {
    if (!/^\d+$/.test(name)) return false
    const process = `/proc/${name}`
    if (inside(link(`${process}/cwd`)) || inside(link(`${process}/exe`))) return true
    const open = ifReadable(() => files.names(`${process}/fd`)) ?? []
    return open.some((descriptor) => inside(link(`${process}/fd/${descriptor}`)))
  })
}
