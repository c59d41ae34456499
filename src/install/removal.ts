// What goes when a distribution is taken out, as data: the files that its RECORD lists, and their bytecode. Only what is listed there,
// never by a computed name, never outside the environment, never through a link. "Recording installed projects": a RECORD is a claim of
// whoever wrote it, so it is checked first.

import { DenError } from '../base/error.ts'
import type { InstalledDistribution } from '../env/installed.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context, Host } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import { parseRecord } from '../spec/record.ts'
import { isReservedScript } from '../store/reserved.ts'

export interface RemovalRequest {
  readonly distribution: InstalledDistribution
  readonly paths: EnvironmentPaths
  /** Stands in for its RECORD, where that is damaged. */
  readonly record?: string
}

export interface Removal {
  readonly distribution: InstalledDistribution
  /** Absolute; some of them may not be there. */
  readonly files: readonly string[]
  /** Files that stay with another text: lists of paths that name what goes. */
  readonly rewrites: readonly { readonly file: string; readonly text: string }[]
}

/**
 * Computes what goes. Throws `uninstall-refused` when that can't be told (no RECORD, distutils, another package manager's) or when the
 * RECORD lists what isn't the distribution's.
 */
export async function planRemoval(context: Context, request: RemovalRequest): Promise<Removal> {
  const { distribution, paths } = request
  const { host } = context
  const { path } = host
  const owner = ownerOf(host, distribution, paths)
  if (owner !== undefined) throw refusal(distribution, owner)
  if (distribution.kind !== 'wheel') {
    const { planLegacyRemoval } = await import('./legacy-removal.ts')
    return planLegacyRemoval(host, request)
  }
  const recordFile = path.join(distribution.location, 'RECORD')
  const text = request.record ?? host.files.readText(recordFile)
  if (text === undefined) throw refusal(distribution, 'it has no RECORD file that says which files are its own')
  const inside = containment(host, paths)
  const rows = parseRecord(text, { file: recordFile, outside: 'allow' })
  const links = new Set(rows.map((row) => row.path))
  // A row behind a row is there for pytest to see: what it names is the store's.
  const own = rows.filter((row) => {
    const top = row.path.slice(0, Math.max(0, row.path.indexOf('/')))
    return !links.has(top) || host.files.lstat(path.join(distribution.site, top))?.kind !== 'link'
  })
  const listed = own.map((row) => {
    const native = path.sep === '/' ? row.path : row.path.replaceAll('/', path.sep)
    const file = path.resolve(distribution.site, native)
    const problem = inside(file)
    if (problem !== undefined) throw refusal(distribution, problem, row.path)
    return file
  })
  const slice = slicer({ operation: `removing ${labelOf(distribution)}`, signal: context.signal })
  const files: string[] = []
  const caches = new Map<string, readonly string[]>()
  for (const file of listed) {
    if (file === recordFile) continue
    files.push(file, ...bytecodeOf(host, file, caches))
    await slice()
  }
  // Last, so that what a kill interrupts in `uninstall` can be done again.
  files.push(recordFile)
  return { distribution, files, rewrites: [] }
}

export function labelOf(distribution: Pick<InstalledDistribution, 'project' | 'version'>): string {
  return `${distribution.project} ${distribution.version}`.trimEnd()
}

export function refusal(distribution: InstalledDistribution, reason: string, path?: string): DenError {
  return new DenError('uninstall-refused', {
    distribution: labelOf(distribution),
    reason,
    ...(path === undefined ? {} : { path }),
  })
}

/** Another package manager that put it in and keeps account of it: removing behind its back would leave that wrong. */
function ownerOf(
  host: Pick<Host, 'files' | 'path'>,
  distribution: InstalledDistribution,
  paths: EnvironmentPaths,
): string | undefined {
  const installer = distribution.kind === 'wheel' ? distribution.installer()?.toLowerCase() : undefined
  if (installer === 'conda' && host.files.stat(host.path.join(paths.root, 'conda-meta'))?.kind === 'directory')
    return `conda installed it and keeps account of it: conda remove ${distribution.project}`
  const system = { rpm: 'rpm', debian: 'apt', dpkg: 'apt', apk: 'apk', pacman: 'pacman' }[installer ?? '']
  if (system !== undefined) return `the system's package manager (${system}) installed it and keeps account of it`
  // Debian's own packages say nothing of their installer, and stand in a directory of their own.
  if (host.path.basename(distribution.site) === 'dist-packages' && /^\/usr\/lib\//.test(distribution.site))
    return "the system's package manager (apt) installed it and keeps account of it"
  return undefined
}

/**
 * A check of where a path lies: in site-packages, scripts, headers or data of the environment, by path segments and with the links of
 * its directories followed, and not a part of the environment itself.
 */
export function containment(
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
    if (isBelow(path.join(paths.root, '.den'), file)) return 'that belongs to the environment itself'
    if (parent === paths.scripts && isReservedScript(name)) return 'that belongs to the environment itself'
    return [paths.root, paths.purelib, paths.platlib, paths.scripts].includes(file)
      ? 'that is a directory of the environment itself'
      : undefined
  }
}

/** The .pyc files that Python wrote for a module: beside it (2.7), and in __pycache__ under any version's tag. */
export function bytecodeOf(
  host: Pick<Host, 'files' | 'path'>,
  file: string,
  caches: Map<string, readonly string[]>,
): readonly string[] {
  const { path, files } = host
  if (!file.endsWith('.py')) return []
  const directory = path.dirname(file)
  const cache = `${directory}${path.sep}__pycache__`
  let names = caches.get(cache)
  if (names === undefined) {
    names = (files.list(cache) ?? []).filter(({ kind }) => kind !== 'directory').map(({ name }) => name)
    caches.set(cache, names)
  }
  const beside = [`${file}c`, `${file}o`]
  if (names.length === 0) return beside
  const stem = file.slice(directory.length + 1, -2)
  const cached = names.filter(
    (name) => name.startsWith(stem) && /^[\w-]+(?:\.opt-\w+)?\.pyc$/.test(name.slice(stem.length)),
  )
  return [...cached.map((name) => `${cache}${path.sep}${name}`), ...beside]
}

/**
 * The bytecode that Python wrote for a module of which no RECORD told, when another one comes in its place. It names its module by size and
 * second alone, and where the new one's happen to be the same, Python would go on with the old code. `brought`: what comes itself.
 */
export function staleBytecode(
  host: Pick<Host, 'files' | 'path'>,
  arriving: readonly string[],
  brought: () => readonly string[],
): readonly string[] {
  const { files, path } = host
  const caches = new Map<string, readonly string[]>()
  const found = new Set<string>()
  for (const file of arriving) {
    for (const bytecode of bytecodeOf(host, file, caches)) {
      const directory = path.dirname(bytecode)
      // A cache that is a link leads to what isn't the environment's own.
      if (path.basename(directory) === '__pycache__' && files.lstat(directory)?.kind === 'link') continue
      if (files.lstat(bytecode) !== undefined) found.add(bytecode)
    }
  }
  if (found.size > 0) for (const file of brought()) found.delete(file)
  return [...found]
}
