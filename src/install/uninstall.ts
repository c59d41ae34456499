// Taking a distribution out of an environment, by its RECORD: only what is listed there, never by a computed name, never outside the
// environment, never through a link. "Recording installed projects": a RECORD is a claim of whoever wrote it, so it is checked first.

import { DenError } from '../base/error.ts'
import type { InstalledDistribution } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { slicer } from '../host/slices.ts'
import { parseRecord } from '../spec/record.ts'
import { isReservedScript } from '../store/reserved.ts'

export interface UninstallRequest {
  readonly distribution: InstalledDistribution
  readonly paths: EnvironmentPaths
}

export interface Uninstalled {
  /** What was removed, absolute. */
  readonly files: readonly string[]
}

/**
 * Removes the files of a distribution, their bytecode, and the directories that are empty then; RECORD goes last, so that what a
 * kill interrupts can be done again. Throws `uninstall-refused` before anything is removed when there is no RECORD or it lists what
 * isn't the distribution's, and what the disk throws.
 */
export async function uninstall(context: Context, request: UninstallRequest): Promise<Uninstalled> {
  const { distribution, paths } = request
  const { host } = context
  const { path } = host
  const label = `${distribution.project} ${distribution.version}`.trimEnd()
  const refuse = (file: string, reason: string): DenError =>
    new DenError('uninstall-refused', { distribution: label, path: file, reason })
  const recordFile = path.join(distribution.location, 'RECORD')
  const text = distribution.kind === 'wheel' ? host.files.readText(recordFile) : undefined
  if (text === undefined) throw refuse('nothing', 'it has no RECORD file that says which files are its own')

  const inside = containment(host, paths)
  const listed = parseRecord(text, { file: recordFile, outside: 'allow' }).map((row) => {
    const native = path.sep === '/' ? row.path : row.path.replaceAll('/', path.sep)
    const file = path.resolve(distribution.site, native)
    const problem = inside(file)
    if (problem !== undefined) throw refuse(row.path, problem)
    return file
  })
  const slice = slicer({ operation: `removing ${label}`, signal: context.signal })
  const removed: string[] = []
  const directories = new Set<string>()
  const remove = (file: string): void => {
    if (!removeFile(host, file)) return
    removed.push(file)
    for (let parent = path.dirname(file); !directories.has(parent); parent = path.dirname(parent))
      directories.add(parent)
  }
  const caches = new Map<string, readonly string[]>()
  for (const file of listed) {
    if (file === recordFile) continue
    remove(file)
    for (const bytecode of bytecodeOf(host, file, caches)) remove(bytecode)
    await slice()
  }
  remove(recordFile)
  removeEmptied(host, directories, paths)
  return { files: removed }
}

/**
 * A check of where a path lies: in site-packages, scripts, headers or data of the environment, by path segments and with the links of
 * its directories followed, and not a part of the environment itself.
 */
function containment(
  host: Pick<Host, 'files' | 'path'>,
  paths: EnvironmentPaths,
): (file: string) => string | undefined {
  const { files, path } = host
  const real = (directory: string): string => files.realPath(directory) ?? directory
  const root = real(paths.root)
  const isBelow = (top: string, directory: string): boolean =>
    directory === top || directory.startsWith(top.endsWith(path.sep) ? top : `${top}${path.sep}`)
  const known = new Map<string, string | undefined>()
  const parentProblem = (parent: string): string | undefined => {
    // Where a directory isn't there any more, its nearest one that is tells where it would be.
    let existing = parent
    while (files.lstat(existing) === undefined && path.dirname(existing) !== existing) existing = path.dirname(existing)
    const resolved = path.resolve(real(existing), path.relative(existing, parent))
    return isBelow(root, resolved) ? undefined : 'that is outside the environment'
  }
  return (file) => {
    const parent = path.dirname(file)
    if (!isBelow(paths.root, parent)) return 'that is outside the environment'
    if (!known.has(parent)) known.set(parent, parentProblem(parent))
    const problem = known.get(parent)
    if (problem !== undefined) return problem
    const name = path.basename(file)
    if (parent === paths.root && name === 'pyvenv.cfg') return 'that belongs to the environment itself'
    if (parent === paths.scripts && isReservedScript(name)) return 'that belongs to the environment itself'
    return [paths.root, paths.purelib, paths.platlib, paths.scripts].includes(file)
      ? 'that is a directory of the environment itself'
      : undefined
  }
}

/** Removes a file or a link; whether there was one. A directory in a RECORD is left to `removeEmptied`. */
function removeFile(host: Pick<Host, 'files' | 'disk'>, file: string): boolean {
  const kind = host.files.lstat(file)?.kind
  if (kind === undefined || kind === 'directory') return false
  host.disk.removeFile(file)
  return true
}

/** The .pyc files that Python wrote for a module: beside it (2.7), and in __pycache__ under any version's tag. */
function bytecodeOf(
  host: Pick<Host, 'files' | 'path'>,
  file: string,
  caches: Map<string, readonly string[]>,
): readonly string[] {
  const { path, files } = host
  if (!file.endsWith('.py')) return []
  const cache = path.join(path.dirname(file), '__pycache__')
  let names = caches.get(cache)
  if (names === undefined) {
    names = (files.list(cache) ?? []).filter(({ kind }) => kind !== 'directory').map(({ name }) => name)
    caches.set(cache, names)
  }
  const stem = `${path.basename(file, '.py')}.`
  const cached = names.filter(
    (name) => name.startsWith(stem) && /^[\w-]+(?:\.opt-\w+)?\.pyc$/.test(name.slice(stem.length)),
  )
  return [...cached.map((name) => path.join(cache, name)), `${file}c`, `${file}o`]
}

/** Directories that held removed files and are empty now, from the deepest up; those of the environment itself stay. */
function removeEmptied(host: Pick<Host, 'disk'>, directories: ReadonlySet<string>, paths: EnvironmentPaths): void {
  const kept = new Set([paths.root, paths.purelib, paths.platlib, paths.scripts, paths.include])
  const below = [...directories].filter((directory) => directory.startsWith(paths.root) && !kept.has(directory))
  for (const directory of below.sort((a, b) => b.length - a.length)) {
    try {
      host.disk.removeDirectory(directory)
    } catch (error) {
      // What others have put there keeps it; so does a directory that is a link.
      if (!/^(?:ENOTEMPTY|EEXIST|ENOENT|ENOTDIR|EBUSY)$/.test(ioCode(error) ?? '')) throw error
    }
  }
}
