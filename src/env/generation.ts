// The layout of an environment that changes by one rename. ROOT/.den/now leads to a generation, ROOT/.den/generations/N, which holds what
// packages bring: bin, site-packages, share, the history. Where these would stand in the root stand links through `now`, made once. The
// way to a thing inside a generation is its way inside the root, so that either is found from the other by cutting a prefix.

import type { Host } from '../host/host.ts'
import { workDirectory } from '../journal/transaction.ts'
import type { EnvironmentPaths } from './plan.ts'
import { ifReadable } from './quietly.ts'

type Reader = Pick<Host, 'files' | 'path'>

export interface Generation {
  readonly number: number
  /** Absolute. */
  readonly directory: string
}

/** The empty file in each directory of den's that keeps pip from taking away a directory that holds nothing but links. */
export const sentinel = '.den-keep'

export function nowLink(host: Pick<Host, 'path'>, root: string): string {
  return host.path.join(workDirectory(host, root), 'now')
}

export function generationsDirectory(host: Pick<Host, 'path'>, root: string): string {
  return host.path.join(workDirectory(host, root), 'generations')
}

export function generationDirectory(host: Pick<Host, 'path'>, root: string, number: number): string {
  return host.path.join(generationsDirectory(host, root), String(number))
}

/** What `now` leads to; undefined for an environment of another layout. Costs one look. */
export function currentGeneration(host: Reader, root: string): Generation | undefined {
  const target = ifReadable(() => host.files.readLink(nowLink(host, root)))
  const number = target === undefined ? undefined : /^generations\/(\d+)$/.exec(target)?.[1]
  return number === undefined
    ? undefined
    : { number: Number(number), directory: generationDirectory(host, root, Number(number)) }
}

/** All that stand, the oldest first. */
export function generations(host: Reader, root: string): readonly Generation[] {
  return (ifReadable(() => host.files.names(generationsDirectory(host, root))) ?? [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => ({ number, directory: generationDirectory(host, root, number) }))
}

/** The directories that the root and a generation both have really, relative to them: what is in them is linked, entry by entry. */
export function throughDirectories(host: Pick<Host, 'path'>, paths: EnvironmentPaths): readonly string[] {
  const { path } = host
  const through = ['.den']
  const segments = path.relative(paths.root, path.dirname(paths.purelib)).split(path.sep)
  for (let count = 1; count <= segments.length; count += 1) through.push(segments.slice(0, count).join('/'))
  return through
}

/** Which entry of the root has to be a link for a file at `relative` (with `/`) to be reached in the generation. */
export function placeOf(relative: string, through: readonly string[]): string {
  const segments = relative.split('/')
  let count = 1
  while (count < segments.length && through.includes(segments.slice(0, count).join('/'))) count += 1
  return segments.slice(0, count).join('/')
}

/** What the link at a place of the root says: "../../.den/now/lib/python3.13/site-packages", "now/history". */
export function linkThroughNow(place: string): string {
  if (place.startsWith('.den/')) return `now/${place}`
  return `${'../'.repeat(place.split('/').length - 1)}.den/now/${place}`
}

/** The places of the root that are links through `now`. */
export function linkedPlaces(host: Reader, root: string, through: readonly string[]): readonly string[] {
  const { files, path } = host
  return ['', ...through].flatMap((directory) =>
    (ifReadable(() => files.list(path.join(root, directory))) ?? []).flatMap(({ name, kind }) => {
      const place = directory === '' ? name : `${directory}/${name}`
      if (kind !== 'link') return []
      return files.readLink(path.join(root, place)) === linkThroughNow(place) ? [place] : []
    }),
  )
}

/** A path in the root as a path relative to a generation, with `/`: lib64 is lib. Undefined for what is not below the root. */
export function relativeToGeneration(host: Reader, root: string, file: string): string | undefined {
  const { path, files } = host
  if (!file.startsWith(`${root}${path.sep}`)) return undefined
  const relative = file.slice(root.length + 1).split(path.sep)
  if (relative[0] === 'lib64' && files.readLink(path.join(root, 'lib64')) === 'lib') relative[0] = 'lib'
  return relative.join('/')
}

/** Where a file really stands, relative to the root: what is reached through `now` stands in the generation that it leads to. */
export function inGeneration(host: Reader, paths: EnvironmentPaths, relative: string): string {
  const { root } = paths
  const generation = currentGeneration(host, root)
  if (generation === undefined) return relative
  const place = placeOf(relative, throughDirectories(host, paths))
  const isLinked = ifReadable(() => host.files.readLink(host.path.join(root, place))) === linkThroughNow(place)
  return isLinked ? `.den/generations/${generation.number}/${relative}` : relative
}

/** Links of a generation back to what stays in the root: with pyvenv.cfg a Python that was found by its real path knows its place. */
export function backLinks(host: Reader, root: string): readonly (readonly [place: string, target: string])[] {
  const { files, path } = host
  const libraries = (ifReadable(() => files.list(path.join(root, 'lib'))) ?? [])
    .filter(({ name, kind }) => kind !== 'directory' && /^lib.*\.(?:so|dylib)/.test(name))
    .map(({ name }) => [`lib/${name}`, `../../../../lib/${name}`] as const)
  return [['pyvenv.cfg', '../../../pyvenv.cfg'], ...libraries]
}
