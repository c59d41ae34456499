// Installing an unpacked wheel by links to its top entries, so that what it costs doesn't depend on its size. The rules, each measured
// against pip and uv, are in docs/internals/instant.md: dist-info is real and its RECORD lists the links, what could be a namespace is
// real and marked, data files are second names, what stands in etc is copied.

import { DenError } from '../base/error.ts'
import { sentinel } from '../env/generation.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import type { RecordEntry } from '../spec/record.ts'
import { quickDamageOf } from '../store/damage.ts'
import { distributionLabel, type TreeManifest, type TreePart } from '../store/manifest.ts'
import type { Tree } from '../store/store.ts'
import { type InstalledTree, type InstallRequest, installTree } from './install.ts'
import { unfold } from './instant-unfold.ts'
import type { Linker } from './linker.ts'

export interface InstantRequest extends Omit<InstallRequest, 'links'> {
  /** Where the generation is being made. */
  readonly staged: string
  /** For what is copied. */
  readonly copier: Linker
}

/** Puts the tree into a generation that is being made. Throws what `installTree` throws, and `install-blocked`. */
export async function linkTree(context: Context, request: InstantRequest): Promise<InstalledTree> {
  const tree = await soundTree(context, request)
  const { manifest } = tree
  const { path } = context.host
  const { paths, staged } = request
  const site = siteOf(request, rootScheme(manifest))
  const rows: RecordEntry[] = []
  const replaced: string[] = []
  for (const part of manifest.whole) {
    const own = siteOf(request, part.scheme)
    const placing: Placing = {
      context,
      source: part.from === '' ? tree.directory : path.join(tree.directory, ...part.from.split('/')),
      target: `${staged}${own.slice(paths.root.length)}`,
      site: own,
      prefix: own === site ? '' : `${path.relative(site, own).split(path.sep).join('/')}/`,
      rows,
      replaced,
    }
    makeMarked(context.host, placing.target)
    for (const [place, why] of part.real) makeReal(placing, place, why === 'namespace')
    for (const [place, kind] of part.links) placeLink(placing, place, kind)
  }
  rows.push(...linkLicenses(context.host, tree, `${staged}${site.slice(paths.root.length)}`))
  // pytest rewrites the asserts of a plugin only where RECORD lists a file of its package; removers that take rows in order have the
  // link taken away by then.
  const last = manifest.pytestPackages.flatMap((name): RecordEntry[] => {
    const top = name.split('.')[0]!
    return rows.some((row) => row.path === top) ? [{ path: `${top}/__init__.py` }] : []
  })
  const installed = await installTree(context, {
    ...request,
    tree: { ...tree, manifest: withoutPackages(manifest) },
    linker: sorting(context.host, request),
    links: { rows, last },
  })
  return { ...installed, replaced: [...replaced, ...installed.replaced] }
}

function rootScheme(manifest: TreeManifest): 'purelib' | 'platlib' {
  return manifest.whole.find(({ from }) => from === '')?.scheme ?? 'purelib'
}

function siteOf({ paths }: InstantRequest, scheme: 'purelib' | 'platlib'): string {
  return scheme === 'platlib' ? paths.platlib : paths.purelib
}

/** The tree, looked at where links will lead; made again when it is damaged. Throws `store-damaged`. */
async function soundTree(context: Context, request: InstantRequest): Promise<Tree> {
  let { tree } = request
  for (let attempt = 0; ; attempt += 1) {
    const path = damageAtTop(context.host, tree)
    if (path === undefined) return tree
    if (request.restore === undefined || attempt === 2) {
      const reason = 'something there was changed, added or removed after it was unpacked'
      throw new DenError('store-damaged', { distribution: distributionLabel(tree.manifest), path, reason })
    }
    tree = await request.restore(tree)
  }
}

/** One look an entry. A directory that has changed may just have got bytecode, so then all of them are looked at. */
function damageAtTop(host: Pick<Host, 'files' | 'path'>, tree: Tree): string | undefined {
  const { modified, whole } = tree.manifest
  for (const part of whole) {
    const top = part.from === '' ? tree.directory : host.path.join(tree.directory, ...part.from.split('/'))
    for (const [place, kind] of part.links) {
      const facts = host.files.lstat(`${top}/${place}`)
      if (facts?.kind === kind && facts.modified === modified) continue
      if (facts?.kind !== kind || kind === 'file') return place
      return quickDamageOf(host, tree)
    }
  }
  return undefined
}

/** What installing file by file is left with: the dist-info directory, and what doesn't go into site-packages. */
function withoutPackages(manifest: TreeManifest): TreeManifest {
  const { distInfo, distInfoFiles, outside } = manifest
  const top: TreePart = {
    scheme: rootScheme(manifest),
    from: '',
    directories: [{ path: distInfo, files: distInfoFiles }],
  }
  // Reading the list of all files would cost more than the rest of the work.
  return Object.defineProperty(Object.create(manifest) as TreeManifest, 'parts', { value: [top, ...outside] })
}

/** The directories in dist-info (licenses, sboms), which nobody writes to: one link each. */
function linkLicenses({ files, disk }: Pick<Host, 'files' | 'disk'>, tree: Tree, site: string): readonly RecordEntry[] {
  const { distInfo } = tree.manifest
  const source = `${tree.directory}/${distInfo}`
  const names = (files.list(source) ?? []).filter(({ kind }) => kind === 'directory').map(({ name }) => name)
  if (names.length > 0) makeDirectory({ disk }, `${site}/${distInfo}`)
  for (const name of names) disk.symlink(`${source}/${name}`, `${site}/${distInfo}/${name}`, 'dir')
  return names.map((name) => ({ path: `${distInfo}/${name}` }))
}

/** etc is where people edit; everything else is a second name. */
function sorting({ path }: Pick<Host, 'path'>, { staged, linker, copier }: InstantRequest): Linker {
  const etc = `${staged}${path.sep}etc${path.sep}`
  return {
    mode: linker.mode,
    place: (from, to, options) => (to.startsWith(etc) ? copier : linker).place(from, to, options),
  }
}

interface Placing {
  readonly context: Context
  /** In the store. */
  readonly source: string
  /** site-packages of the generation that is being made, and where it will be. */
  readonly target: string
  readonly site: string
  readonly prefix: string
  readonly rows: RecordEntry[]
  readonly replaced: string[]
}

/** A real directory in the generation, its parents made too. */
function makeMarked(host: Pick<Host, 'disk'>, directory: string): void {
  const made = makeDirectory(host, directory)
  if (made) host.disk.writeNew(`${directory}/${sentinel}`, '')
}

function makeDirectory({ disk }: Pick<Host, 'disk'>, directory: string): boolean {
  try {
    disk.makeDirectory(directory)
    return true
  } catch (error) {
    if (ioCode(error) === 'EEXIST') return false
    if (ioCode(error) !== 'ENOENT') throw error
    disk.makeDirectories(directory)
    return true
  }
}

/** A directory in which others may have a part. */
function makeReal(placing: Placing, place: string, marked: boolean): void {
  const { context } = placing
  const { host } = context
  const directory = `${placing.target}/${place}`
  if (makeDirectory(host, directory)) {
    if (marked) host.disk.writeNew(`${directory}/${sentinel}`, '')
    return
  }
  const facts = host.files.lstat(directory)
  if (facts?.kind === 'directory') return
  if (facts?.kind === 'link' && unfold(context, placing.target, place)) return
  throw new DenError('install-blocked', {
    path: `${placing.site}/${place}`,
    by: facts?.kind === 'link' ? 'a link that leads elsewhere' : 'a file',
  })
}

function placeLink(placing: Placing, place: string, kind: 'file' | 'directory'): void {
  const { context, source, target, rows, prefix } = placing
  const { disk, files } = context.host
  const [from, to] = [`${source}/${place}`, `${target}/${place}`]
  try {
    disk.symlink(from, to, kind === 'file' ? 'file' : 'dir')
    rows.push({ path: `${prefix}${place}` })
    return
  } catch (error) {
    if (ioCode(error) !== 'EEXIST') throw error
  }
  if (kind === 'directory') {
    // Two distributions with one package: both get links to what is in it.
    makeReal(placing, place, true)
    for (const entry of files.list(from) ?? []) {
      if (entry.name === '__pycache__') continue
      if (entry.kind === 'file' || entry.kind === 'directory') placeLink(placing, `${place}/${entry.name}`, entry.kind)
    }
    return
  }
  const facts = files.stat(to) ?? files.lstat(to)
  if (facts?.kind === 'directory')
    throw new DenError('install-blocked', { path: `${placing.site}/${place}`, by: 'a directory with other files' })
  disk.removeFile(to)
  disk.symlink(from, to, 'file')
  rows.push({ path: `${prefix}${place}` })
  placing.replaced.push(`${placing.site}/${place}`)
}
