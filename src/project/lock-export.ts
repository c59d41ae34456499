// A lock as other tools take it: lines of a requirements file, one a package, with the hashes of all its files and the environments it is
// for; or a lock for one environment alone.

import { isSameIndex } from '../indexes/index-address.ts'
import type { Marker } from '../spec/marker.ts'
import type { Pylock, PylockBytes, PylockPackage } from '../spec/pylock.ts'
import type { PylockSelection } from '../spec/pylock-select.ts'
import { lockFilename } from './lock-read.ts'

export interface RequirementsFileOptions {
  readonly hashes: boolean
  /** The index that needs no mention. */
  readonly publicIndex: string
  /** What it is made from, by name; pylock.toml unless said. */
  readonly from?: string
  /** The project itself, as a line of its own. */
  readonly project?: boolean
}

/** The text of a requirements file. A package that has no hash to give (a directory, a checkout) goes without. */
export function requirementsFile(lock: Pick<Pylock, 'packages'>, options: RequirementsFileOptions): string {
  const { hashes, publicIndex, from = lockFilename } = options
  const indexes = [...new Set(lock.packages.flatMap(({ index }) => index ?? []))].filter(
    (index) => !isSameIndex(index, publicIndex),
  )
  return [
    `# Made by den export from ${from}.`,
    ...indexes.sort().map((index) => `--extra-index-url ${index}`),
    ...(options.project === true ? ['-e .'] : []),
    ...lock.packages.flatMap((one) => linesOf(one, hashes)),
    '',
  ].join('\n')
}

function linesOf(one: PylockPackage, hashes: boolean): readonly string[] {
  const { marker } = one
  const head = `${whatOf(one)}${markerText(marker, one)}`
  const digests = hashes ? hashesOf(one) : []
  return digests.length === 0
    ? [head]
    : [`${head} \\`, ...digests.map((digest, at) => `    --hash=${digest}${at === digests.length - 1 ? '' : ' \\'}`)]
}

/** A path may hold what looks like a marker: it ends with a space before the semicolon. An address must. */
function markerText(marker: Marker | undefined, one: PylockPackage): string {
  if (marker === undefined) return ''
  const isAddress = one.sdist === undefined && one.wheels === undefined
  return `${isAddress ? ' ' : ''}; ${marker.text}`
}

function whatOf(one: PylockPackage): string {
  const { name, version, vcs, directory, archive } = one
  if (vcs !== undefined) {
    const place = vcs.url ?? vcs.path ?? ''
    return `${name} @ ${vcs.type}+${place}@${vcs.commitId}${below(vcs.subdirectory)}`
  }
  if (directory !== undefined) {
    const inside = directory.subdirectory === undefined ? '' : `/${directory.subdirectory}`
    const path = /^(?:\.|\/|[A-Za-z]:)/.test(directory.path) ? directory.path : `./${directory.path}`
    return `${directory.editable === true ? '-e ' : ''}${path}${inside}`
  }
  if (archive !== undefined) {
    const place = archive.url ?? `file:${archive.path ?? ''}`
    return `${name} @ ${place}${below(archive.subdirectory)}`
  }
  return version === undefined ? name : `${name}==${version.text}`
}

function below(subdirectory: string | undefined): string {
  return subdirectory === undefined ? '' : `#subdirectory=${encodeURIComponent(subdirectory)}`
}

/** "sha256:…", sorted, of every file that may be taken. */
function hashesOf({ sdist, wheels = [], archive }: PylockPackage): readonly string[] {
  const files: readonly (PylockBytes | undefined)[] = [sdist, ...wheels, archive]
  const digests = files.flatMap((file) =>
    [...(file?.hashes ?? [])].map(([algorithm, digest]) => `${algorithm}:${digest}`),
  )
  return [...new Set(digests)].sort()
}

/** The lock with what was selected for one environment, a file each, and no word of any other. */
export function lockOfSelection(lock: Pylock, selection: readonly PylockSelection[]): Pylock {
  const { requiresPython: _, tool: __, ...head } = lock
  return {
    ...head,
    environments: [],
    extras: [],
    dependencyGroups: [],
    defaultGroups: [],
    packages: selection.map(({ package: one, kind, source }): PylockPackage => {
      const { name, version, requiresPython, index } = one
      return {
        name,
        ...(version === undefined ? {} : { version }),
        ...(requiresPython === undefined ? {} : { requiresPython }),
        ...(index === undefined ? {} : { index }),
        ...(kind === 'wheel' ? { wheels: [source] } : { [kind]: source }),
      }
    }),
  }
}

/** The lock as it reads from another directory: `move` gives a path that counted from the one as it counts from the other. */
export function lockElsewhere(lock: Pylock, move: (path: string) => string): Pylock {
  const moved = <Place extends { readonly path?: string }>(place: Place): Place =>
    place.path === undefined ? place : { ...place, path: move(place.path) }
  return {
    ...lock,
    packages: lock.packages.map((one): PylockPackage => {
      const { vcs, directory, archive, sdist, wheels } = one
      return {
        ...one,
        ...(vcs === undefined ? {} : { vcs: moved(vcs) }),
        ...(directory === undefined ? {} : { directory: moved(directory) }),
        ...(archive === undefined ? {} : { archive: moved(archive) }),
        ...(sdist === undefined ? {} : { sdist: moved(sdist) }),
        ...(wheels === undefined ? {} : { wheels: wheels.map(moved) }),
      }
    }),
  }
}
