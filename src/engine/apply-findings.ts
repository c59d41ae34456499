// What is odd about a change, found out before anything is touched: a file of two owners, a file of nobody's that gives way, a module that
// the standard library hides, code that will run whenever Python starts.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { InstalledDistribution } from '../env/installed.ts'
import { ifReadable } from '../env/quietly.ts'
import { recordRowPath } from '../env/record-rows.ts'
import type { Host } from '../host/host.ts'
import type { InstalledTree } from '../install/install.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { DirectUrl } from '../spec/direct-url.ts'
import type { TreeManifest } from '../store/manifest.ts'

type Reader = Pick<Host, 'files' | 'path'>

/** Which of the distributions list one of the files in their RECORD. Costs one read a distribution. */
export function ownersOf(
  { files, path }: Reader,
  distributions: readonly InstalledDistribution[],
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, readonly ProjectName[]> {
  const owners = new Map<string, ProjectName[]>()
  if (wanted.size === 0) return owners
  for (const { project, site, location, kind } of distributions) {
    if (kind !== 'wheel') continue
    const text = ifReadable(() => files.readText(path.join(location, 'RECORD'))) ?? ''
    for (const line of text.split('\n')) {
      const row = recordRowPath(line)
      if (row === '') continue
      const plain = path.sep === '/' && !row.startsWith('.') && !row.startsWith('/')
      const file = plain ? `${site}/${row}` : path.resolve(site, row)
      if (!wanted.has(file)) continue
      const found = owners.get(file)
      if (found === undefined) owners.set(file, [project])
      else if (!found.includes(project)) found.push(project)
    }
  }
  return owners
}

/** A distribution as it is staged. */
export interface Staged {
  readonly manifest: TreeManifest
  /** The directory that holds its dist-info, in its final place. */
  readonly site: string
  readonly tree: Pick<InstalledTree, 'record' | 'replaced'>
  /** direct_url.json. */
  readonly directUrl?: unknown
}

/** Its files, absolute, in their final places. */
export function filesOf({ path }: Pick<Host, 'path'>, { site, tree }: Staged): readonly string[] {
  const plain = path.sep === '/'
  return tree
    .record()
    .map((row) => (plain && !row.path.startsWith('.') ? `${site}/${row.path}` : path.resolve(site, row.path)))
}

/** Files that two of the incoming distributions bring; the later one's content stands. */
export function sharedAmong(host: Pick<Host, 'path'>, staged: readonly Staged[]): readonly DenError<'file-shared'>[] {
  return staged.flatMap(({ manifest, tree }, index) =>
    tree.replaced.flatMap((path) => {
      const owners = staged.slice(0, index).filter((one) => filesOf(host, one).includes(path))
      if (owners.length === 0) return []
      const names = owners.map((one) => one.manifest.project)
      return [new DenError('file-shared', { path, distribution: manifest.project, owners: names, kept: false })]
    }),
  )
}

/** Top-level modules that "import" will not find, because the standard library comes first on sys.path. */
export function hiddenModules(
  { files, path }: Reader,
  staged: readonly Staged[],
  interpreter: Partial<Pick<Interpreter, 'stdlib'>>,
): readonly DenError<'module-hidden'>[] {
  const { stdlib } = interpreter
  const names = new Set(stdlib === undefined ? [] : (ifReadable(() => files.names(stdlib)) ?? []))
  if (stdlib === undefined || names.size === 0) return []
  const isThere = (module: string): boolean =>
    names.has(`${module}.py`) ||
    (names.has(module) && ifReadable(() => files.stat(path.join(stdlib, module, '__init__.py'))) !== undefined)
  return staged.flatMap(({ manifest }) =>
    manifest.topLevel
      .filter((name) => /^[^.]+(?:\.py)?$/.test(name))
      .map((name) => name.replace(/\.py$/, ''))
      .filter(isThere)
      .map((module) => new DenError('module-hidden', { module, distribution: manifest.project, stdlib })),
  )
}

/**
 * Code that runs at every start of Python and didn't before: lines of .pth files, .start files (PEP 829), sitecustomize. Not what leads from
 * an editable project to its directory: who asks for one asks for that.
 */
export function startUpCode(
  { files, path }: Reader,
  staged: readonly Staged[],
  places: { readonly sites: ReadonlySet<string>; readonly now: (final: string) => string },
): readonly DenError<'start-up-code'>[] {
  return staged.flatMap(({ manifest, site, tree, directUrl }) => {
    if (manifest.startup.length === 0) return []
    const own = places.sites.has(site) ? tree.record().filter((row) => !row.path.includes('/')) : []
    const fresh = own
      .map((row) => path.join(site, row.path))
      .filter((file) => {
        const name = path.basename(file)
        if (!/\.(?:pth|start)$|^(?:site|user)customize\.(?:py|pyc|so)$/.test(name)) return false
        const text = files.readText(places.now(file)) ?? ''
        if (isEditable(directUrl) && /\.(?:pth|start)$/.test(name)) return false
        if (name.endsWith('.pth') && !/^import[ \t]/m.test(text)) return false
        return ifReadable(() => files.readText(file)) !== text
      })
    if (fresh.length === 0) return []
    return [new DenError('start-up-code', { files: fresh, distribution: `${manifest.project} ${manifest.version}` })]
  })
}

function isEditable(directUrl: unknown): boolean {
  return (directUrl as Partial<DirectUrl> | undefined)?.dir_info?.editable === true
}
