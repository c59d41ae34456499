// Installing an unpacked wheel by links to its top entries, so that what it costs doesn't depend on its size. The rules, each measured
// against pip and uv, are in docs/internals/instant.md: dist-info is real and its RECORD lists the links, what could be a namespace is
// real and marked, data files are second names, what stands in etc is copied.

import { DenError } from '../base/error.ts'
import { sentinel } from '../env/generation.ts'
import { sha256Base64Url } from '../host/hash.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { formatRecord, type RecordEntry } from '../spec/record.ts'
import { quickDamageOf } from '../store/damage.ts'
import { distributionLabel, type TreeManifest, type TreePart } from '../store/manifest.ts'
import type { Tree } from '../store/store.ts'
import { type InstalledTree, type InstallRequest, installTree } from './install.ts'
import { openPrototypes, type Prototypes } from './instant-prototypes.ts'
import { unfold } from './instant-unfold.ts'
import type { Linker } from './linker.ts'

export interface InstantRequest extends Omit<InstallRequest, 'links'> {
  /** Where the generation is being made. */
  readonly staged: string
  /** For what is copied. */
  readonly copier: Linker
  /** Directories of the generation that are known to stand: one set a change, since being told by the disk costs more than the link. */
  readonly standing: Set<string>
}

/** Puts the tree into a generation that is being made. Throws what `installTree` throws, and `install-blocked`. */
export async function linkTree(context: Context, request: InstantRequest): Promise<InstalledTree> {
  const { host } = context
  const { path } = host
  const tree = await soundTree(context, request)
  const { manifest } = tree
  const { paths, staged } = request
  const site = siteOf(request, rootScheme(manifest))
  const recordSite = `${staged}${site.slice(paths.root.length)}`
  const prefixOf = (top: string): string =>
    top === site ? '' : `${path.relative(site, top).split(path.sep).join('/')}/`
  const made: Made = { rows: [], replaced: [], merged: false, prototypes: openPrototypes(context, tree) }
  const placingIn = (from: string, top: string): Placing => ({
    context,
    source: from === '' ? tree.directory : path.join(tree.directory, ...from.split('/')),
    target: `${staged}${top.slice(paths.root.length)}`,
    final: top,
    prefix: prefixOf(top),
    recordSite,
    made,
  })
  for (const part of manifest.whole) {
    const placing = placingIn(part.from, siteOf(request, part.scheme))
    if (!request.standing.has(placing.target)) makeMarked(host, placing.target)
    request.standing.add(placing.target)
    for (const [place, why] of part.real) makeReal(placing, place, why === 'namespace')
    for (const [place, kind] of part.links) placeLink(placing, place, kind)
  }
  const { leaves, rest } = splitData(manifest.outside)
  for (const { from, place } of leaves) {
    const placing = placingIn(from, paths.data)
    const parent = `${placing.target}/${place.slice(0, place.lastIndexOf('/'))}`
    if (!request.standing.has(parent)) makeDirectory(host, parent)
    request.standing.add(parent)
    placeLink(placing, place, 'directory')
  }
  const fresh = makeDirectory(host, `${recordSite}/${manifest.distInfo}`)
  linkLicenses(host, tree, `${recordSite}/${manifest.distInfo}`, { made, fresh })
  // pytest rewrites the asserts of a plugin only where RECORD lists a file of its package; removers that take rows in order have the
  // link taken away by then.
  const last = manifest.pytestPackages.flatMap((name): RecordEntry[] => {
    const top = name.split('.')[0]!
    return made.rows.some((row) => row.path === top) ? [{ path: `${top}/__init__.py` }] : []
  })
  const { rows, prototypes, replaced } = made
  if (rest.length === 0 && manifest.consoleScripts.length === 0 && manifest.guiScripts.length === 0)
    return finishSimple(context, { ...request, tree, site, recordSite, made, last, fresh })
  const copied: string[] = []
  const installed = await installTree(context, {
    ...request,
    tree: { ...tree, manifest: withoutPackages(manifest, rest) },
    linker: sorting(host, request, copied),
    links: { rows, last, share: (name, text, to) => isShared.has(text) && prototypes.file(name, text, to) },
  })
  return {
    ...installed,
    replaced: [...replaced, ...installed.replaced],
    written: [...installed.written, ...copied],
  }
}

/** What links were made, and how. */
interface Made {
  readonly rows: RecordEntry[]
  readonly replaced: string[]
  /** Something else had a part of what comes, so that RECORD is not that of every environment. */
  merged: boolean
  readonly prototypes: Prototypes
}

/** INSTALLER as den writes it, REQUESTED. */
const isShared: ReadonlySet<string> = new Set(['den\n', ''])

interface SimpleRequest extends InstantRequest {
  readonly site: string
  readonly recordSite: string
  readonly made: Made
  readonly last: readonly RecordEntry[]
  /** Nothing stands in the dist-info directory yet. */
  readonly fresh: boolean
}

/** The dist-info directory of a distribution that brings nothing besides modules: the same in every environment, RECORD too. */
function finishSimple(context: Context, request: SimpleRequest): InstalledTree {
  const { host } = context
  const { tree, made, last, linker, recordSite, fresh } = request
  const { manifest, directory } = tree
  const { distInfo } = manifest
  const target = `${recordSite}/${distInfo}`
  const rows = [...made.rows]
  const written: string[] = []
  for (const [name, size, digest] of manifest.distInfoFiles) {
    linker.place(`${directory}/${distInfo}/${name}`, `${target}/${name}`, { executable: false, fresh })
    rows.push({ path: `${distInfo}/${name}`, hash: { algorithm: 'sha256', digest }, size })
  }
  const write = (name: string, text: string, shared: string | undefined): void => {
    const file = `${target}/${name}`
    if (!fresh && host.files.lstat(file) !== undefined) host.disk.removeFile(file)
    if (shared !== undefined && made.prototypes.file(shared, text, file)) return
    host.disk.writeNew(file, text)
    written.push(file)
  }
  const own = (name: string, text: string): void => {
    write(name, text, isShared.has(text) ? name : undefined)
    const bytes = Buffer.from(text)
    rows.push({
      path: `${distInfo}/${name}`,
      hash: { algorithm: 'sha256', digest: sha256Base64Url(bytes) },
      size: bytes.length,
    })
  }
  const installer = `${request.installer ?? 'den'}\n`
  own('INSTALLER', installer)
  if (request.requested) own('REQUESTED', '')
  if (request.directUrl !== undefined) own('direct_url.json', JSON.stringify(request.directUrl))
  rows.sort((a, b) => (a.path < b.path ? -1 : 1))
  rows.push({ path: `${distInfo}/RECORD` }, ...last)
  const isUsual = !made.merged && request.directUrl === undefined && isShared.has(installer)
  const depth = /^(?:\.\.\/)*/.exec(rows[0]!.path)![0].length / 3
  write('RECORD', formatRecord(rows), isUsual ? `RECORD-1-${depth}${request.requested ? '-requested' : ''}` : undefined)
  context.report({
    kind: 'install.linked',
    distribution: distributionLabel(manifest),
    files: rows.length,
    mode: 'instant',
  })
  const final = `${request.site}${host.path.sep}${distInfo}`
  return { distInfo: final, record: () => rows, rows: rows.length, scripts: [], written, replaced: made.replaced }
}

/**
 * Data files are linked one by one, because programs add to the directories of others (kernels, extensions). Only directories six levels
 * deep with nothing but files in them are nobody else's: jupyter has dozens.
 */
function splitData(outside: readonly TreePart[]): {
  readonly leaves: readonly { readonly from: string; readonly place: string }[]
  readonly rest: readonly TreePart[]
} {
  const leaves: { from: string; place: string }[] = []
  const rest = outside.flatMap((part): TreePart[] => {
    if (part.scheme !== 'data') return [part]
    const parents = new Set(part.directories.map(({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/')))))
    const isLeaf = (path: string): boolean =>
      path.startsWith('share/') && path.split('/').length >= 6 && !parents.has(path)
    for (const { path, files } of part.directories)
      if (files.length > 0 && isLeaf(path)) leaves.push({ from: part.from, place: path })
    const directories = part.directories.filter(({ path }) => !isLeaf(path))
    return directories.some(({ files }) => files.length > 0) ? [{ ...part, directories }] : []
  })
  return { leaves, rest }
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
  const { modified, whole, distInfo } = tree.manifest
  if (host.files.lstat(`${tree.directory}/${distInfo}`)?.modified !== modified) return quickDamageOf(host, tree)
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
function withoutPackages(manifest: TreeManifest, rest: readonly TreePart[]): TreeManifest {
  const { distInfo, distInfoFiles } = manifest
  const top: TreePart = {
    scheme: rootScheme(manifest),
    from: '',
    directories: [{ path: distInfo, files: distInfoFiles }],
  }
  // Reading the list of all files would cost more than the rest of the work.
  return Object.defineProperty(Object.create(manifest) as TreeManifest, 'parts', { value: [top, ...rest] })
}

/** The directories in dist-info (licenses, sboms), which nobody writes to: one link each. */
function linkLicenses(
  { files, disk }: Pick<Host, 'files' | 'disk'>,
  tree: Tree,
  target: string,
  { made, fresh }: { readonly made: Made; readonly fresh: boolean },
): void {
  const { distInfo } = tree.manifest
  const source = `${tree.directory}/${distInfo}`
  for (const { name, kind } of files.list(source) ?? []) {
    if (kind !== 'directory') continue
    if (!fresh) disk.removeTree(`${target}/${name}`)
    made.prototypes.link(`${source}/${name}`, `${target}/${name}`, 'directory')
    made.rows.push({ path: `${distInfo}/${name}` })
  }
}

/** etc is where people edit; everything else is a second name. */
function sorting({ path }: Pick<Host, 'path'>, { staged, linker, copier }: InstantRequest, copied: string[]): Linker {
  const etc = `${staged}${path.sep}etc${path.sep}`
  return {
    mode: linker.mode,
    place: (from, to, options) => {
      if (!to.startsWith(etc)) return linker.place(from, to, options)
      copied.push(to)
      return copier.place(from, to, options)
    },
  }
}

interface Placing {
  readonly context: Context
  /** In the store. */
  readonly source: string
  /** The directory of the generation that is being made, and where it will be. */
  readonly target: string
  readonly final: string
  /** From the directory that holds dist-info to this one. */
  readonly prefix: string
  readonly recordSite: string
  readonly made: Made
}

/** site-packages in the generation that is being made. */
function makeMarked(host: Pick<Host, 'disk'>, directory: string): void {
  if (makeDirectory(host, directory)) host.disk.writeNew(`${directory}/${sentinel}`, '')
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
  const { context, target, prefix, recordSite } = placing
  const { host } = context
  const directory = `${target}/${place}`
  if (makeDirectory(host, directory)) {
    if (marked) host.disk.writeNew(`${directory}/${sentinel}`, '')
    return
  }
  const facts = host.files.lstat(directory)
  if (facts?.kind === 'directory') return
  if (facts?.kind === 'link' && unfold(context, { top: target, place, prefix, recordSite })) return
  throw new DenError('install-blocked', {
    path: `${placing.final}/${place}`,
    by: facts?.kind === 'link' ? 'a link that leads elsewhere' : 'a file',
  })
}

function placeLink(placing: Placing, place: string, kind: 'file' | 'directory'): void {
  const { context, source, target, made, prefix } = placing
  const { disk, files } = context.host
  const [from, to] = [`${source}/${place}`, `${target}/${place}`]
  try {
    made.prototypes.link(from, to, kind)
    made.rows.push({ path: `${prefix}${place}` })
    return
  } catch (error) {
    if (ioCode(error) !== 'EEXIST') throw error
  }
  made.merged = true
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
    throw new DenError('install-blocked', { path: `${placing.final}/${place}`, by: 'a directory with other files' })
  disk.removeFile(to)
  disk.symlink(from, to, 'file')
  made.rows.push({ path: `${prefix}${place}` })
  made.replaced.push(`${placing.final}/${place}`)
}
