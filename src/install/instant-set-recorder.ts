// Writes the list of a set (instant-set.ts) while its distributions are put in the ordinary way: what is done to the generation is noted as it
// is done, and where something is done that no list holds, there is none.

import type { DenEvent } from '../base/event.ts'
import type { Context, Host } from '../host/host.ts'
import type { RecordEntry } from '../spec/record.ts'
import type { InstalledTree } from './install.ts'
import type { TreeRequest } from './install-job.ts'
import { headerOf, type OpenSet, recorded, type SetRequest, type SetText, type SetTree } from './instant-set.ts'
import { type Linker, openLinker } from './linker.ts'

export interface SetRecorder {
  /** These do what they do anyway, and note it. */
  readonly context: Context
  readonly linker: Linker
  readonly copier: Linker
  /** The list; undefined where something was done that no list holds. */
  set(installed: readonly InstalledTree[], places: readonly string[]): OpenSet | undefined
}

export function openSetRecorder(context: Context, { stage, trees, requests, copier }: SetRequest): SetRecorder {
  const { host } = context
  const { files, disk } = host
  const { linkTrees: _, placeRows: __, ...single } = disk
  const looks = new Map<string, readonly [modified: number, size: number]>()
  const standing = new Set<string>()
  const directories = new Set<string>()
  const links: (readonly [from: string, to: string])[] = []
  const copies: (readonly [from: string, to: string, executable: boolean])[] = []
  const texts: SetText[] = []
  const told: string[] = []
  const events: DenEvent[] = []
  const header = headerOf(requests[0]!)
  const { root } = requests[0]!.paths
  let isOdd = false
  const inStage = (path: string): boolean => path.startsWith(`${stage}/`)
  const below = (path: string): string => path.slice(stage.length + 1)
  const inTrees = (path: string): string | undefined =>
    path.startsWith(`${trees}/`) ? path.slice(trees.length + 1) : undefined

  const noteText = (name: string, data: string | Uint8Array, mode: number): void => {
    let text: string
    try {
      text = typeof data === 'string' ? data : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data)
    } catch {
      isOdd = true
      return
    }
    const script = text.startsWith(header)
    const rest = script ? text.slice(header.length) : text
    const body = told.reduce(
      (now, said, index) => (said === '' ? now : now.replaceAll(said, `\u0001${index}\u0001`)),
      rest,
    )
    if (rest.includes('\u0001') || body.includes(root)) isOdd = true
    texts.push({ name, mode, script, body })
    told.push(script ? recorded(text) : '')
  }
  /** What no list holds, where it is done to the generation; beside the trees things are made once. */
  const odd =
    <Arguments extends readonly unknown[]>(change: (...args: Arguments) => void, which: 0 | 1 = 0) =>
    (...args: Arguments): void => {
      if (inStage(String(args[which]))) isOdd = true
      change(...args)
    }
  const recording: Host['disk'] = {
    ...single,
    makeDirectory: (path, mode) => {
      try {
        disk.makeDirectory(path, mode)
      } catch (error) {
        if (inStage(path) && files.lstat(path)?.kind === 'directory' && !directories.has(below(path)))
          standing.add(below(path))
        throw error
      }
      if (inStage(path)) directories.add(below(path))
    },
    makeDirectories: (path) => {
      const missing: string[] = []
      if (inStage(path))
        for (let place = path; inStage(place) && files.lstat(place) === undefined; place = host.path.dirname(place))
          missing.unshift(below(place))
      disk.makeDirectories(path)
      for (const place of missing) directories.add(place)
    },
    hardLink: (existing, path) => {
      disk.hardLink(existing, path)
      if (!inStage(path)) return
      const from = inTrees(existing)
      if (from === undefined) isOdd = true
      else links.push([from, below(path)])
    },
    writeNew: (path, data, mode = 0o666) => {
      disk.writeNew(path, data, mode)
      if (inStage(path)) noteText(below(path), data, mode)
    },
    writeAtomic: odd(disk.writeAtomic),
    append: odd(disk.append),
    writeSealed: odd(disk.writeSealed),
    symlink: odd(disk.symlink, 1),
    copyFile: odd(disk.copyFile, 1),
    cloneFile: odd(disk.cloneFile, 1),
    rename: odd(disk.rename, 1),
    chmod: odd(disk.chmod),
    removeFile: odd(disk.removeFile),
    removeDirectory: odd(disk.removeDirectory),
    removeTree: odd(disk.removeTree),
    setTimes: odd(disk.setTimes),
  }
  const noteLook = (name: string, facts: ReturnType<typeof files.lstat>): void => {
    const size = facts?.kind === 'directory' ? -1 : (facts?.size ?? 0)
    const modified = facts?.modified ?? 0
    const before = looks.get(name)
    if (facts === undefined || facts.kind === 'link' || facts.kind === 'other') isOdd = true
    if (before !== undefined && (before[0] !== modified || before[1] !== size)) isOdd = true
    looks.set(name, [modified, size])
  }
  const looking: Host['files'] = {
    ...files,
    lstat: (path) => {
      const facts = files.lstat(path)
      const name = inTrees(path)
      if (name !== undefined) noteLook(name, facts)
      return facts
    },
  }
  const watched: Context = {
    ...context,
    host: { ...host, disk: recording, files: looking },
    report: (event) => {
      if (event.kind === 'install.linked') events.push(event)
      else isOdd = true
      context.report(event)
    },
  }
  const copy: Linker['place'] = (from, to, options) => {
    const name = inTrees(from)
    const gaveWay = copier.place(from, to, options)
    copies.push([name ?? '', below(to), options.executable])
    if (gaveWay || name === undefined || !inStage(to)) isOdd = true
    return gaveWay
  }
  return {
    context: watched,
    linker: openLinker(watched, 'hardlink'),
    copier: { mode: copier.mode, place: copy },
    set: (installed, places) => {
      if (isOdd || installed.some(({ replaced }) => replaced.length > 0)) return undefined
      const names = [...looks.keys(), ...standing, ...directories, ...links.flat()]
      if (names.some((name) => name.includes('\0'))) return undefined
      return {
        trees: installed.map((one, index) => setTree(one, requests[index]!, below)),
        looks: looks.size,
        facts: [...looks.values()].flat(),
        standing: standing.size,
        directories: directories.size,
        links: links.length,
        copies,
        texts,
        events,
        places,
        names: new TextEncoder().encode(names.map((name) => `${name}\0`).join('')),
      }
    },
  }
}

function setTree(installed: InstalledTree, { tree, paths }: TreeRequest, below: (path: string) => string): SetTree {
  const { distInfo, rows, scripts, written, record } = installed
  const isTop = ({ path }: RecordEntry): boolean => !path.includes('/')
  return {
    distInfo: distInfo.slice(paths.root.length + 1),
    rows,
    scripts,
    written: written.map(below),
    tops:
      tree.manifest.startup.length === 0
        ? []
        : record()
            .filter(isTop)
            .map(({ path }) => path),
  }
}
