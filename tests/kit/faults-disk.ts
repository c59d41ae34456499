// Disks that fail on purpose, in this process: one that dies at the Nth change (nothing changes any more, as after SIGKILL), one that
// loses what was not synced (a power cut), one that goes on after a failure. Every call of `Disk` counts as one change; removing a tree and
// making many directories are cut in their middle.

import fs from 'node:fs'
import path from 'node:path'
import { type Disk, realDisk } from '../../src/host/disk.ts'
import { ioError } from '../../src/host/io-error.ts'

/** Thrown by every change from the cut on; no DenError, so that nobody takes it for a failure to recover from. */
export class Cut extends Error {
  override readonly name: 'Cut' = 'Cut'
}

/** The real disk without its syncs, which take most of the time and change nothing that a test could see. */
export const quickDisk: Disk = {
  ...realDisk,
  sync: () => undefined,
  syncAll: () => undefined,
  syncTrees: () => undefined,
}

/** A disk that renames no directories, as overlayfs refuses it for those of its lower layers. */
export const stiffDisk: Disk = {
  ...quickDisk,
  rename: (from, to) => {
    if (fs.lstatSync(from, { throwIfNoEntry: false })?.isDirectory())
      throw ioError(Object.assign(new Error('EXDEV'), { code: 'EXDEV' }), 'rename to', to)
    quickDisk.rename(from, to)
  },
}

export interface CountingDisk {
  readonly disk: Disk
  readonly count: () => number
}

/** Counts changes; syncs change nothing, but a cut may come before one. */
export function countingDisk(disk: Disk): CountingDisk {
  let count = 0
  return {
    disk: wrap(disk, (_, run) => {
      count += 1
      run()
    }),
    count: () => count,
  }
}

type Around = (name: keyof Disk, run: () => void, args: readonly unknown[]) => void

function wrap(disk: Disk, around: Around): Disk {
  return Object.fromEntries(
    Object.entries(disk).map(([name, change]) => [
      name,
      (...args: unknown[]) => around(name as keyof Disk, () => (change as (...all: unknown[]) => void)(...args), args),
    ]),
  ) as unknown as Disk
}

/** Dies before the Nth change; of a tree that is being removed then, half the files are gone already. */
export function dyingDisk(disk: Disk, at: number): Disk {
  let count = 0
  return wrap(disk, (name, run, args) => {
    count += 1
    if (count < at) return run()
    if (count === at && name === 'removeTree') removeHalf(String(args[0]))
    if (count === at && name === 'writeNew') fs.writeFileSync(String(args[0]), halfOf(args[1]), { flag: 'wx' })
    throw new Cut(`${name} ${String(args[0])}`)
  })
}

function halfOf(data: unknown): Uint8Array {
  const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array)
  return bytes.subarray(0, bytes.length >> 1)
}

function removeHalf(top: string): void {
  const files: string[] = []
  const walk = (directory: string): void => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const file = path.join(directory, entry.name)
      if (entry.isDirectory()) walk(file)
      else files.push(file)
    }
  }
  if (!fs.existsSync(top)) return
  walk(top)
  for (const file of files.filter((_, index) => index % 2 === 0)) fs.unlinkSync(file)
}

/** A tree again, its files by second names: a small part of what copying takes. */
export function linkTree(from: string, to: string): void {
  fs.mkdirSync(to, { mode: fs.statSync(from).mode })
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
    if (entry.isDirectory()) linkTree(source, target)
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(source), target)
    else fs.linkSync(source, target)
  }
}

interface Change {
  /** The directories whose entries it changes. */
  readonly directories: readonly string[]
  /** Takes it back. */
  readonly undo: () => void
  /** The directory that it made. */
  readonly made?: string
  durable: boolean
}

export interface PowerCut {
  readonly disk: Disk
  /** Turns the power off: some of what was not synced is lost. */
  cut(): void
}

/**
 * A disk that remembers what has not been synced. At the cut every directory has lost a random number of its latest changes (a rename is
 * lost in both directories or in none; what happened in a directory whose making is lost is lost with it), and a file whose bytes were not
 * synced may be there with none of them. `random` gives 0 to 1.
 */
export function volatileDisk(disk: Disk, attic: string, random: () => number): PowerCut {
  fs.mkdirSync(attic, { recursive: true })
  let kept = 0
  let off = false
  const changes: Change[] = []
  const unsynced = new Set<string>()
  const note = (directories: readonly string[], undo: () => void, made?: string): void => {
    changes.push({ directories, undo, durable: false, ...(made === undefined ? {} : { made }) })
  }
  /** What stands there now, kept to be put back. */
  const keep = (file: string): (() => void) => {
    if (fs.lstatSync(file, { throwIfNoEntry: false }) === undefined)
      return () => fs.rmSync(file, { recursive: true, force: true })
    kept += 1
    const copy = path.join(attic, String(kept))
    // What is one file may be written to; nothing writes into a tree that is moved or removed.
    if (fs.lstatSync(file).isDirectory()) linkTree(file, copy)
    else fs.cpSync(file, copy, { verbatimSymlinks: true, preserveTimestamps: true })
    return () => {
      fs.rmSync(file, { recursive: true, force: true })
      if (fs.existsSync(path.dirname(file))) fs.renameSync(copy, file)
    }
  }
  const parent = (file: string): string => path.dirname(file)
  const settle = (file: string): void => {
    unsynced.delete(file)
    // What has reached the disk later in a directory has all that came before it on the disk, too.
    for (const change of changes) if (change.directories.includes(file)) change.durable = true
  }
  const around: Around = (name, run, args) => {
    if (off) throw new Cut(name)
    const [first, second] = args.map(String)
    switch (name) {
      case 'rename': {
        const [from, to] = [first!, second!]
        const back = keep(to)
        run()
        note([parent(from), parent(to)], () => {
          if (!fs.existsSync(parent(from))) return
          if (fs.lstatSync(to, { throwIfNoEntry: false })) fs.renameSync(to, from)
          back()
        })
        for (const file of [...unsynced]) {
          if (file !== from && !file.startsWith(`${from}/`)) continue
          unsynced.delete(file)
          unsynced.add(to + file.slice(from.length))
        }
        return
      }
      case 'hardLink':
      case 'symlink':
      case 'copyFile':
      case 'cloneFile': {
        run()
        note([parent(second!)], () => fs.rmSync(second!, { force: true }))
        if (name === 'copyFile' || name === 'cloneFile') unsynced.add(second!)
        return
      }
      case 'makeDirectories': {
        let top = first!
        while (!fs.existsSync(parent(top))) top = parent(top)
        const stood = fs.existsSync(top)
        run()
        if (!stood) note([parent(top)], () => fs.rmSync(top, { recursive: true, force: true }), top)
        return
      }
      case 'sync':
      case 'syncAll':
      case 'syncTrees': {
        run()
        const all = Array.isArray(args[0])
          ? [...(args[0] as string[]), ...((args[1] as string[] | undefined) ?? [])]
          : [first!]
        for (const file of all) settle(file)
        if (name === 'syncTrees') {
          for (const top of all) {
            for (const change of changes) {
              if (change.directories.some((one) => one === top || one.startsWith(`${top}/`))) change.durable = true
            }
          }
        }
        return
      }
      case 'setTimes':
      case 'chmod':
        run()
        return
      default: {
        const back = keep(first!)
        run()
        note([parent(first!)], back, name === 'makeDirectory' ? first! : undefined)
        if (name === 'writeNew' || name === 'writeAtomic' || name === 'append') unsynced.add(first!)
      }
    }
  }
  const cut = (): void => {
    off = true
    const lost = new Set<string>()
    const unmade: string[] = []
    const undone: Change[] = []
    for (const change of changes) {
      if (change.durable) continue
      const after = change.directories.some(
        (directory) =>
          lost.has(directory) || unmade.some((one) => directory === one || directory.startsWith(`${one}/`)),
      )
      if (!after && random() < 0.7) continue
      for (const directory of change.directories) lost.add(directory)
      if (change.made !== undefined) unmade.push(change.made)
      undone.push(change)
    }
    for (const file of unsynced) {
      if (random() < 0.5 && fs.lstatSync(file, { throwIfNoEntry: false })?.isFile()) {
        // The bytes of other names of the file are other bytes here: only what was written through this disk is lost.
        const bytes = new Uint8Array()
        fs.rmSync(file)
        fs.writeFileSync(file, bytes)
      }
    }
    for (const change of undone.toReversed()) change.undo()
  }
  return { disk: wrap(disk, around), cut }
}
