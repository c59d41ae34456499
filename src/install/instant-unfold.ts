// A link to a directory of the store becomes a real directory of links to what is in it, when another distribution has something to put
// there as well, or somebody wants files of their own. The RECORD of the distribution whose link it was says so from then on.

import { sentinel } from '../env/generation.ts'
import { recordRowPath } from '../env/record-rows.ts'
import type { Context, Host } from '../host/host.ts'
import { formatRecord } from '../spec/record.ts'
import { parseManifest, type TreeManifest } from '../store/manifest.ts'
import { manifestName } from '../store/store.ts'

/** The tree of a store that a link leads into: the store's directory, the tree's key, its manifest's file. */
export interface LinkedTree {
  readonly store: string
  readonly sha256: string
  readonly manifest: string
}

/** Undefined for a link that leads to no store's tree. */
export function linkedTree({ path }: Pick<Host, 'path'>, target: string): LinkedTree | undefined {
  const match = /^(.+)[\\/]v1[\\/]trees[\\/]([0-9a-f]{64})[\\/]tree(?:[\\/]|$)/.exec(target)
  if (match === null) return undefined
  const [, store = '', sha256 = ''] = match
  return { store, sha256, manifest: path.join(store, 'v1', 'trees', sha256, manifestName) }
}

export interface UnfoldRequest {
  /** A directory of a generation that is being made. */
  readonly top: string
  /** The link, relative to `top`, with `/`. */
  readonly place: string
  /** The way to `top` from the directory that holds dist-info, as RECORD has it, and that directory. */
  readonly prefix: string
  readonly recordSite: string
}

/** Makes a real directory of the link. False when it is no link into a store. Throws what the disk throws. */
export function unfold({ host }: Pick<Context, 'host'>, request: UnfoldRequest): boolean {
  const { disk, files } = host
  const { top, place, prefix, recordSite } = request
  const directory = `${top}/${place}`
  const target = files.readLink(directory)
  const tree = target === undefined ? undefined : linkedTree(host, target)
  if (target === undefined || tree === undefined) return false
  const entries = files.list(target)
  if (entries === undefined) return false
  const names = entries.filter(({ name, kind }) => name !== '__pycache__' && kind !== 'other')
  disk.removeFile(directory)
  disk.makeDirectory(directory)
  disk.writeNew(`${directory}/${sentinel}`, '')
  for (const { name, kind } of names)
    disk.symlink(`${target}/${name}`, `${directory}/${name}`, kind === 'directory' ? 'dir' : 'file')
  const manifest = parseManifest(files.readBytes(tree.manifest))
  if (manifest !== undefined) {
    const children = names.map(({ name }) => `${prefix}${place}/${name}`)
    rewriteRecord(host, recordSite, manifest, `${prefix}${place}`, children)
  }
  return true
}

function rewriteRecord(
  { disk, files }: Pick<Host, 'disk' | 'files'>,
  site: string,
  { distInfo }: TreeManifest,
  row: string,
  children: readonly string[],
): void {
  const file = `${site}/${distInfo}/RECORD`
  const text = files.readText(file)
  if (text === undefined) return
  const rows = text.split('\n').flatMap((line) =>
    recordRowPath(line) === row
      ? formatRecord(children.map((path) => ({ path })))
          .trimEnd()
          .split('\n')
      : [line],
  )
  // Never in place: an older generation may have the same file.
  disk.writeAtomic(file, rows.join('\n'), files.stat(file)?.mode)
}

/** Makes real directories of all links on the way to `place` and of that at `place` itself, so that what is put there stays outside the store. */
export function unfoldAlong(context: Pick<Context, 'host'>, site: string, place: string): void {
  const { files } = context.host
  const segments = place === '' ? [] : place.split('/')
  for (let count = 1; count <= segments.length; count += 1) {
    const at = segments.slice(0, count).join('/')
    const facts = files.lstat(`${site}/${at}`)
    if (facts === undefined) return
    if (facts.kind === 'link') unfold(context, { top: site, place: at, prefix: '', recordSite: site })
  }
}
